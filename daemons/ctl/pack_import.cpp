// SPDX-License-Identifier: GPL-3.0-or-later
// pack import: what others wrote, as packs, and what of it was not taken.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "daemons/ctl/pack_commands.hpp"
#include "drivers/pack/import/definitions.hpp"
#include "drivers/pack/library.hpp"

namespace outstation::ctl {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Texts = std::map<std::string, std::string>;

constexpr std::uintmax_t kMaxDefinition = 16U << 20;  // octets of one file

Result<void> read_definition(const std::string& path, Texts& out) {
    std::error_code error;
    if (fs::file_size(path, error) > kMaxDefinition && !error)
        return fail(ErrorCode::config, path + ": larger than 16 MiB");
    std::ifstream in(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in) return fail(ErrorCode::io, path + ": cannot be read");
    out[path] = std::move(text);
    return {};
}

bool is_definition(const fs::path& path) {
    return path.extension() == ".yaml" || path.extension() == ".yml";
}

// The files named, and those of folders, however deep.
Result<Texts> read_definitions(const std::vector<std::string>& paths) {
    Texts out;
    for (const std::string& path : paths) {
        std::error_code error;
        if (!fs::is_directory(path, error)) {
            if (auto ok = read_definition(path, out); !ok) return fail(ok.error());
            continue;
        }
        for (const auto& entry : fs::recursive_directory_iterator(path, error)) {
            if (!entry.is_regular_file(error) || !is_definition(entry.path())) continue;
            if (auto ok = read_definition(entry.path().string(), out); !ok) return fail(ok.error());
        }
    }
    return out;
}

Result<void> write_packs(const Texts& packs, const std::string& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return fail(ErrorCode::io, folder + ": " + error.message());
    for (const auto& [name, text] : packs) {
        const std::string path = folder + "/" + name;
        std::ofstream out(path);
        out << text;
        if (!out.flush()) return fail(ErrorCode::io, path + ": cannot be written");
    }
    return {};
}

json list(const std::vector<pack::LeftOut>& items) {
    json out = json::array();
    for (const pack::LeftOut& item : items) out.push_back({{"what", item.what}, {"why", item.why}});
    return out;
}

void report(const Target& target, const pack::Imported& import) {
    if (target.json) {
        const json out = {{"packs", import.packs.size()},
                          {"taken", import.taken},
                          {"left_out", list(import.left_out)},
                          {"changed", list(import.changed)}};
        std::cout << out.dump(1, ' ', false, json::error_handler_t::replace) << "\n";
        return;
    }
    for (const pack::LeftOut& item : import.left_out)
        std::cout << fmt::format("not taken  {}: {}\n", item.what, item.why);
    for (const pack::LeftOut& item : import.changed)
        std::cout << fmt::format("changed    {}: {}\n", item.what, item.why);
    std::cout << fmt::format("{} packs; {} items taken, {} of them changed; {} not taken\n",
                             import.packs.size(), import.taken, import.changed.size(),
                             import.left_out.size());
}

}  // namespace

int import_packs(const Target& target, const ImportOptions& options) {
    const auto texts = read_definitions(options.files);
    if (!texts) return failed(target, texts.error());
    const auto import = pack::import_definitions(options.format, *texts);
    if (!import) return failed(target, import.error());
    // A pack that the station would refuse is a mistake of ours: better none than that.
    const auto library = pack::load_packs(import->packs);
    for (const Error& error : library.refused) (void)failed(target, error);
    if (!library.refused.empty()) return kFailed;
    if (auto ok = write_packs(import->packs, options.output); !ok) return failed(target, ok.error());
    report(target, *import);
    return kDone;
}

}  // namespace outstation::ctl
