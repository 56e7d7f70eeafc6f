// SPDX-License-Identifier: GPL-3.0-or-later
// Counting octets.
#include "lib/store/counted_files.hpp"

namespace outstation::store {

class CountedFiles::Counted : public File {
  public:
    Counted(CountedFiles& owner, std::unique_ptr<File> file, std::shared_ptr<Node> node)
        : owner_(owner), file_(std::move(file)), node_(std::move(node)) {}

    Result<std::string> read(std::uint64_t offset, std::size_t octets) const override {
        return file_->read(offset, octets);
    }
    Result<void> write(std::uint64_t offset, std::string_view bytes) override {
        auto written = file_->write(offset, bytes);
        owner_.grown(*node_, offset + bytes.size());
        return written;
    }
    Result<void> sync() override { return file_->sync(); }
    Result<void> reserve(std::uint64_t octets) override { return file_->reserve(octets); }
    Result<std::uint64_t> size() const override { return file_->size(); }

  private:
    CountedFiles& owner_;
    std::unique_ptr<File> file_;
    std::shared_ptr<Node> node_;
};

void CountedFiles::grown(Node& node, std::uint64_t to) {
    if (node.path.empty() || to <= node.octets) return;
    octets_ += to - node.octets;
    node.octets = to;
    if (octets_ <= most_) return;
    most_ = octets_;
    most_by_ = node.path;
}

Result<std::unique_ptr<File>> CountedFiles::open(const std::string& path, Mode mode) {
    auto file = below_.open(path, mode);
    if (!file) return file;
    auto& node = files_[path];
    if (!node) node = std::make_shared<Node>(Node{path, 0});
    grown(*node, (*file)->size().value_or(0));
    return std::make_unique<Counted>(*this, std::move(*file), node);
}

Result<void> CountedFiles::rename(const std::string& from, const std::string& to) {
    auto renamed = below_.rename(from, to);
    if (!renamed) return renamed;
    forget(to);
    auto node = files_.extract(from);
    node.key() = node.mapped()->path = to;
    files_.insert(std::move(node));
    return renamed;
}

Result<void> CountedFiles::remove(const std::string& path) {
    auto removed = below_.remove(path);
    if (removed) forget(path);
    return removed;
}

void CountedFiles::forget(const std::string& path) {
    const auto node = files_.extract(path);
    if (node.empty()) return;
    octets_ -= node.mapped()->octets;
    node.mapped()->path.clear();
}

}  // namespace outstation::store
