// SPDX-License-Identifier: GPL-3.0-or-later
// Any octets as the entries of a backup: each file in its directory, whole, and as the list at the end says.
#include <cstdlib>
#include <map>

#include "daemons/ctl/backup_format.hpp"

namespace {

using namespace outstation;
using namespace outstation::ctl;

void demand(bool holds) {
    if (!holds) std::abort();
}

class Looking : public ArchiveVisitor {
  public:
    Result<void> directory(const ArchiveName& name) override {
        demand(name.path == "." || is_safe_path(name.path));
        return {};
    }
    Result<void> begin_file(const ArchiveName& name) override {
        demand(is_safe_path(name.path) && name.owner.size() <= kMostOwnerBytes && !files.contains(name.path));
        open_ = &files[name.path];
        return {};
    }
    Result<void> content(std::string_view bytes) override {
        *open_ += bytes.size();
        return *open_ > (1U << 26U) ? fail(ErrorCode::exhausted, "enough") : Result<void>();
    }
    Result<void> end_file() override { return {}; }
    Result<void> take_back(const std::string& path) override {
        demand(files.erase(path) == 1);
        return {};
    }
    std::map<std::string, std::uint64_t> files;

  private:
    std::uint64_t* open_ = nullptr;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    std::size_t at = 0;
    ArchiveReader reader(
        [&](std::size_t count) -> Result<std::string> {
            if (bytes.size() - at < count) return fail(ErrorCode::malformed, "it ends");
            at += count;
            return std::string(bytes.substr(at - count, count));
        },
        [&]() -> Result<bool> { return at == bytes.size(); });
    Looking looking;
    const auto summary = reader.read(looking);
    if (!summary) return 0;
    demand(summary->files.size() == looking.files.size());
    for (const ArchivedFile& file : summary->files) demand(looking.files.at(file.path) == file.bytes);
    return 0;
}
