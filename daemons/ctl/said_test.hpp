// SPDX-License-Identifier: GPL-3.0-or-later
// For tests of commands: what one prints, kept.
#pragma once

#include <gtest/gtest.h>

#include <string>

namespace outstation::ctl {

class SaidTest : public testing::Test {
  protected:
    // Runs the command and keeps what it printed.
    template <typename Command>
    int said(Command&& command) {
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const int code = command();
        out_ = testing::internal::GetCapturedStdout();
        err_ = testing::internal::GetCapturedStderr();
        return code;
    }
    std::string out_;
    std::string err_;
};

}  // namespace outstation::ctl
