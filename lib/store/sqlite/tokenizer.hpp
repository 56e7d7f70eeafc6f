// SPDX-License-Identifier: GPL-3.0-or-later
// A tokenizer of ours for the full-text indexes of one database (SQLite FTS5). Threads and ownership as for
// Database.
#pragma once

#include <string_view>

#include "lib/store/sqlite/database.hpp"

namespace outstation::store {

struct Token {
    std::string_view text;
    std::size_t begin = 0;  // octets of the source text that it stands for
    std::size_t end = 0;
    bool same_place = false;  // at the position of the token before it
};

// `tokenize` gives the tokens of a text in order until `take` returns false, and does not throw. From now on
// `tokenize = 'NAME'` means this one in this connection. io: this SQLite has no FTS5;
// malformed: the database cannot be read.
[[nodiscard]] Result<void> add_tokenizer(Database& database, const char* name, Tokenize tokenize);

}  // namespace outstation::store
