// SPDX-License-Identifier: GPL-3.0-or-later
// The file of a sweep: written beside the loop, read again, and what is no such file.
#include "daemons/polld/sweep_file.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;

class SweepFileTest : public testing::Test {
  protected:
    void SetUp() override { ASSERT_NE(mkdtemp(folder_), nullptr); }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    [[nodiscard]] std::string path() const { return std::string(folder_) + "/sweep"; }
    static wire::SweepState state(std::uint32_t next) {
        wire::SweepState out;
        out.status.state = "running";
        out.next = next;
        out.refused = {{"room", 2, {0x0a000001U, 0x0a000002U}}};
        return out;
    }
    bool write(SweepFile& file, std::uint32_t next) {
        return file.write(state(next), [this](const Error& error) { trouble_ = error.text; });
    }
    void turn() {
        const auto stop = loop_->after(20ms, [this] { loop_->stop(); });
        loop_->run();
    }

    char folder_[32] = "/tmp/outstation-sweep-XXXXXX";
    std::unique_ptr<Loop> loop_ = make_epoll_loop().value();
    std::string trouble_;
};

TEST_F(SweepFileTest, IsWrittenBesideTheLoopAndReadAgain) {
    SweepFile file(*loop_, path());
    EXPECT_EQ(file.read().error().code, ErrorCode::not_found);
    EXPECT_TRUE(write(file, 7));
    EXPECT_FALSE(write(file, 8)) << "one is being written";
    while (!write(file, 7)) turn();
    EXPECT_EQ(SweepFile(*loop_, path()).read().value(), state(7));
    ASSERT_TRUE(file.write_now(state(9)));
    EXPECT_EQ(SweepFile(*loop_, path()).read().value(), state(9));
    EXPECT_EQ(trouble_, "");
}

TEST_F(SweepFileTest, WhatIsTheSameIsNotWrittenAgain) {
    SweepFile file(*loop_, path());
    EXPECT_TRUE(write(file, 7));
    while (!write(file, 7)) turn();
    std::filesystem::remove(path());
    EXPECT_TRUE(write(file, 7));
    turn();
    EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(SweepFileTest, WhatCannotBeWrittenOrReadIsTold) {
    SweepFile file(*loop_, path() + "/no/folder");
    EXPECT_TRUE(write(file, 7));
    while (trouble_.empty()) turn();
    EXPECT_NE(trouble_.find("no/folder"), std::string::npos) << trouble_;
    EXPECT_TRUE(write(file, 7)) << "it is tried again";
    std::ofstream(path()) << "no sweep";
    const auto read = SweepFile(*loop_, path()).read();
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().code, ErrorCode::not_found);
}

TEST_F(SweepFileTest, GoesAwayWhileItWrites) {
    {
        SweepFile file(*loop_, path());
        EXPECT_TRUE(write(file, 7));
    }
    turn();
    EXPECT_EQ(SweepFile(*loop_, path()).read().value(), state(7));
}

}  // namespace
}  // namespace outstation::polld
