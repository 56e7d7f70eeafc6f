// SPDX-License-Identifier: GPL-3.0-or-later
// Values as people read them, and numbers out of texts. Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "drivers/pack/pack.hpp"
#include "drivers/pack/values.hpp"

namespace outstation::pack {

// plain: octets as text without what surrounds them (blanks, a closing zero), in hex when they are no text.
[[nodiscard]] std::string format_value(const Value& value, Format format);
// The number a text begins with: "25", " 24.5 C", "-3,2"; nothing for other texts and for infinities.
[[nodiscard]] std::optional<double> number_of(std::string_view text);
// A number without a needless fraction.
[[nodiscard]] std::string number_text(double number);
[[nodiscard]] std::string trimmed(std::string_view text);

}  // namespace outstation::pack
