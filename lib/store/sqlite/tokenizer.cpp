// SPDX-License-Identifier: GPL-3.0-or-later
// Registration with FTS5 (https://www.sqlite.org/fts5.html, "Custom Tokenizers").
#include "lib/store/sqlite/tokenizer.hpp"

#include <sqlite3.h>

#include <memory>

namespace outstation::store {
namespace {

using TokenCallback = int (*)(void*, int, const char*, int, int, int);

int create(void* context, const char**, int, Fts5Tokenizer** out) {
    // The function itself is all there is: it lives as long as the connection.
    *out = static_cast<Fts5Tokenizer*>(context);
    return SQLITE_OK;
}

void destroy(Fts5Tokenizer*) {}

int tokenize(Fts5Tokenizer* self, void* context, int flags, const char* text, int octets,
             TokenCallback emit) {
    const auto& function = *static_cast<Tokenize*>(static_cast<void*>(self));
    int code = SQLITE_OK;
    if (text == nullptr) return code;
    function({text, static_cast<std::size_t>(octets)}, (flags & FTS5_TOKENIZE_QUERY) != 0,
             [&](const Token& token) {
                 code = emit(context, token.same_place ? FTS5_TOKEN_COLOCATED : 0, token.text.data(),
                             static_cast<int>(token.text.size()), static_cast<int>(token.begin),
                             static_cast<int>(token.end));
                 return code == SQLITE_OK;
             });
    return code;
}

// SQLITE_ERROR: there is no such function.
int find_fts5(sqlite3* handle, fts5_api*& api) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(handle, "SELECT fts5(?1)", -1, &statement, nullptr);
    if (code == SQLITE_OK) {
        sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
        sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return code;
}

}  // namespace

Result<void> add_tokenizer(Database& database, const char* name, Tokenize function) {
    fts5_api* api = nullptr;
    const int found = find_fts5(database.handle_, api);
    if (found != SQLITE_OK && found != SQLITE_ERROR) return fail(database.error(found, "full-text search"));
    if (api == nullptr)
        return fail(ErrorCode::io, database.path() + ": this SQLite has no full-text search (FTS5)");
    fts5_tokenizer methods{&create, &destroy, &tokenize};
    auto context = std::make_unique<Tokenize>(std::move(function));
    const auto drop = [](void* pointer) { delete static_cast<Tokenize*>(pointer); };
    const int code = api->xCreateTokenizer(api, name, context.get(), &methods, drop);
    if (code != SQLITE_OK) return fail(database.error(code, "tokenizer"));
    static_cast<void>(context.release());
    return {};
}

}  // namespace outstation::store
