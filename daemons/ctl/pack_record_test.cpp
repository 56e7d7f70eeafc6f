// SPDX-License-Identifier: GPL-3.0-or-later
// `outstation pack record` and `redact` against a polld played on a thread: waiting, pieces, files.
#include "daemons/ctl/pack_record.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "daemons/ctl/played_daemons_test.hpp"
#include "lib/wire/workbench_messages.hpp"

namespace outstation::ctl {
namespace {

class PackRecord : public PlayedDaemons {
  protected:
    void play() {
        ipc::Server& polld = serve("polld");
        polld.on<wire::RecordRequest>(
            [this](ipc::Peer&, const wire::RecordRequest& request, const ipc::Responder& responder) {
                if (request.action == "start" && request.subject != "sw-01")
                    return responder.fail(Error{ErrorCode::not_found, "no sweep found it"});
                wire::RecordStatus status;
                status.subject = "sw-01";
                status.state = request.action == "start" ? "running" : ends_;
                status.values = 2;
                status.stand_ins = 1;
                status.problem = ends_ == "failed" ? "timeout" : "";
                status.notes = {"of 1.3.6 only\n500 rows"};
                responder.reply(status);
            });
        polld.on<wire::RecordTextRequest>(
            [](ipc::Peer&, const wire::RecordTextRequest& request, const ipc::Responder& responder) {
                const std::string text = "1.3.6.1|2|1\n1.3.7|2|1\n";
                responder.reply(wire::RecordText{text.substr(request.offset, 12), text.size()});
            });
        run();
    }
    [[nodiscard]] std::string at(const std::string& name) const { return std::string(dir_) + "/" + name; }
    [[nodiscard]] static std::string read(const std::string& path) {
        std::ifstream in(path);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    std::string ends_ = "done";
};

TEST_F(PackRecord, WaitsAndWritesAllPieces) {
    play();
    EXPECT_EQ(said([&] {
                  return record_device(target(), {"sw-01", at("sw.snmprec"), false});
              }),
              kDone)
        << err_;
    EXPECT_EQ(read(at("sw.snmprec")), "1.3.6.1|2|1\n1.3.7|2|1\n");
    EXPECT_NE(err_.find("2 values, 1 replaced, 0 left out"), std::string::npos) << err_;
    EXPECT_NE(err_.find("only\\x0a500 rows"), std::string::npos) << err_;
    EXPECT_EQ(said([&] { return record_device(target(), {"sw-01", "-", true}); }), kDone);
    EXPECT_EQ(out_, "1.3.6.1|2|1\n1.3.7|2|1\n");
    EXPECT_NE(err_.find("warning: "), std::string::npos);
}

TEST_F(PackRecord, WhatFailsLeavesNoFile) {
    ends_ = "failed";
    play();
    EXPECT_EQ(said([&] { return record_device(target(), {"sw-01", at("sw.snmprec"), false}); }), kFailed);
    EXPECT_NE(err_.find("failed: timeout"), std::string::npos) << err_;
    EXPECT_EQ(said([&] { return record_device(target(), {"sw-02", at("sw.snmprec"), false}); }), kFailed);
    EXPECT_NE(err_.find("no sweep found it"), std::string::npos) << err_;
    EXPECT_EQ(read(at("sw.snmprec")), "");
}

TEST_F(PackRecord, ARecordingOfOthersIsRedacted) {
    std::ofstream(at("box.snmprec")) << "1.3.6.1.2.1.1.5.0|4|canary\n1.3.6.1.2.1.1.1.0|4|on canary\n";
    std::ofstream(at("a.yaml")) << "pack: a\nmatch: always\n";
    EXPECT_EQ(said([&] {
                  return redact_recording(target(), {at("a.yaml"), at("box.snmprec"), at("out")});
              }),
              kDone);
    EXPECT_EQ(read(at("out")).find("canary"), std::string::npos) << read(at("out"));
    EXPECT_NE(read(at("out")).find("1.3.6.1.2.1.1.1.0|4|on "), std::string::npos);
}

}  // namespace
}  // namespace outstation::ctl
