// SPDX-License-Identifier: GPL-3.0-or-later
// Quoting and writing rows.
#include "daemons/ctl/export_rows.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "lib/runtime/metrics.hpp"

namespace outstation::ctl {
namespace {

using nlohmann::json;

constexpr std::size_t kPartBytes = 65536;

// RFC 4180 section 2, rules 5 to 7; blanks at the ends are quoted, too, because programs cut them off.
std::string quoted(const std::string& text) {
    const bool plain = text.find_first_of(",\"\r\n") == std::string::npos &&
                       (text.empty() || (text.front() != ' ' && text.back() != ' '));
    if (plain) return text;
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + "\"";
}

// if_name="1",direction="in": as OpenMetrics has them, without the braces.
std::string labels_text(const std::vector<wire::WireLabel>& labels) {
    if (labels.empty()) return "";
    std::vector<Label> plain;
    for (const auto& label : labels) plain.push_back({label.name, label.value});
    std::string out;
    runtime::append_labels(out, plain);
    return out.substr(1, out.size() - 2);
}

std::string json_text(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string json_cell(const Cell& cell) {
    if (cell.kind == Cell::Kind::empty) return "null";
    if (cell.kind == Cell::Kind::number) return cell.text;
    if (cell.kind == Cell::Kind::text) return json_text(cell.text);
    json object = json::object();
    for (const auto& label : cell.labels) object[label.name] = label.value;
    return json_text(object);
}

}  // namespace

Cell Cell::of(double number) {
    std::string text;
    runtime::append_number(text, number);
    return {std::isfinite(number) ? Kind::number : Kind::text, std::move(text), {}};
}

RowWriter::RowWriter(NewFile file, RowFormat format, std::vector<std::string> names)
    : file_(std::move(file)), format_(format), names_(std::move(names)) {
    if (format_ == RowFormat::csv) add_csv(names_);
}

Result<void> RowWriter::add(const std::vector<Cell>& row) {
    if (row.size() != names_.size()) return fail(ErrorCode::bug, "a row of another length");
    if (format_ == RowFormat::json) {
        add_json(row);
    } else {
        std::vector<std::string> texts;
        for (const Cell& cell : row)
            texts.push_back(cell.kind == Cell::Kind::labels ? labels_text(cell.labels) : cell.text);
        add_csv(texts);
    }
    ++rows_;
    return bytes_.size() < kPartBytes ? Result<void>() : pass_on();
}

void RowWriter::add_csv(const std::vector<std::string>& texts) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (i > 0) bytes_ += ',';
        bytes_ += quoted(texts[i]);
    }
    bytes_ += "\r\n";
}

void RowWriter::add_json(const std::vector<Cell>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
        bytes_ += i == 0 ? "{" : ",";
        bytes_ += json_text(names_[i]);
        bytes_ += ':';
        bytes_ += json_cell(row[i]);
    }
    bytes_ += "}\n";
}

Result<void> RowWriter::pass_on() {
    auto ok = file_.write(bytes_);
    bytes_.clear();
    return ok;
}

Result<void> RowWriter::commit() {
    if (auto ok = pass_on(); !ok) return ok;
    return file_.commit();
}

}  // namespace outstation::ctl
