// SPDX-License-Identifier: GPL-3.0-or-later
// Reading and finding the UI's files.
#include "daemons/webd/static_files.hpp"

#include "daemons/webd/json.hpp"
#include "lib/crypto/bytes.hpp"
#include "lib/crypto/private_file.hpp"

namespace outstation::webd {
namespace {

constexpr std::size_t kMaxFiles = 1000;

std::string etag_of(const std::string& bytes) {
    return crypto::to_hex(crypto::sha256(bytes)).substr(0, 24);
}

http::Response make_response(std::string bytes, const std::string& type, bool immutable) {
    http::Response response = http::Response::of(200, type, std::move(bytes));
    response.etag = etag_of(*response.body);
    response.with("Cache-Control", immutable ? "public, max-age=31536000, immutable" : "no-cache");
    response.with("Vary", "Accept-Encoding");
    return response;
}

// A name that stays inside the folder.
bool is_inside(const std::string& file) {
    return !file.empty() && file.front() != '/' && file.find("..") == std::string::npos;
}

std::string text_of(const Json& entry, const char* name) {
    const auto it = entry.find(name);
    return it != entry.end() && it->is_string() ? it->get<std::string>() : std::string();
}

// A path of the UI's router: no dot in its last part, and not of the API.
bool is_page(const http::Target& target) {
    if (target.segments.empty()) return true;
    const std::string& first = target.segments.front();
    return first != "api" && first != "metrics" && target.segments.back().find('.') == std::string::npos;
}

}  // namespace

Result<StaticFiles> StaticFiles::read(const std::string& folder) {
    const auto manifest = crypto::read_small_file(folder + "/manifest.json");
    if (!manifest) return fail(manifest.error());
    const Json json = Json::parse(*manifest, nullptr, false);
    const bool usable = json.is_object() && json.contains("files") && json["files"].is_array();
    if (!usable || json["files"].size() > kMaxFiles)
        return fail(ErrorCode::malformed, folder + "/manifest.json");
    StaticFiles files;
    for (const Json& entry : json["files"]) {
        const std::string path = entry.is_object() ? text_of(entry, "path") : std::string();
        const std::string file = entry.is_object() ? text_of(entry, "file") : std::string();
        if (path.empty() || !is_inside(file))
            return fail(ErrorCode::malformed, folder + "/manifest.json: an entry without path or file");
        auto bytes = crypto::read_small_file(folder + "/" + file);
        if (!bytes) return fail(bytes.error());
        const std::string type = text_of(entry, "content_type");
        const bool immutable = entry.contains("immutable") && entry["immutable"] == true;
        File& made = files.files_[path];
        made.plain = make_response(std::move(*bytes), type, immutable);
        auto gzip = crypto::read_small_file(folder + "/" + file + ".gz");
        if (!gzip) continue;
        made.gzip = make_response(std::move(*gzip), type, immutable);
        made.gzip.with("Content-Encoding", "gzip");
    }
    return files;
}

const http::Response* StaticFiles::find(const http::Request& request) const {
    auto it = files_.find(request.target.path);
    if (it == files_.end() && is_page(request.target)) it = files_.find("/");
    if (it == files_.end()) return nullptr;
    const bool gzip = it->second.gzip.body != nullptr && request.accepts_encoding("gzip");
    return gzip ? &it->second.gzip : &it->second.plain;
}

}  // namespace outstation::webd
