// SPDX-License-Identifier: GPL-3.0-or-later
// Sensors and states: columns by number, conditions and labels by the names that are known.
#include "drivers/pack/import/librenms_sensor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "drivers/pack/import/mib_names.hpp"

namespace outstation::pack {
namespace {

using config::Mapping;

struct Unit {
    std::string_view sensor_class;
    std::string_view unit;
};
constexpr Unit kUnits[] = {
    {"temperature", "celsius"},
    {"voltage", "volts"},
    {"current", "amperes"},
    {"power", "watts"},
    {"power_consumed", "kwh"},
    {"power_factor", "power_factor"},
    {"frequency", "hertz"},
    {"fanspeed", "rpm"},
    {"humidity", "humidity"},
    {"percent", "percent"},
    {"load", "load"},
    {"charge", "charge"},
    {"loss", "percent"},
    {"runtime", "minutes"},
    {"delay", "seconds"},
    {"dbm", "dbm"},
    {"signal", "signal_dbm"},
    {"snr", "db"},
    {"count", "count"},
    {"cooling", "cooling_watts"},
    {"pressure", "kilopascals"},
    {"waterflow", "litres_per_minute"},
    {"airflow", "cfm"},
    {"ber", "ratio"},
    {"quality_factor", "ratio"},
    {"chromatic_dispersion", "picoseconds_per_nanometre"},
};

std::string_view unit_of(std::string_view sensor_class) {
    for (const Unit& unit : kUnits)
        if (unit.sensor_class == sensor_class) return unit.unit;
    return {};
}

std::string trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

std::string bare_name(std::string_view name) {
    if (const std::size_t module = name.find("::"); module != std::string_view::npos)
        name.remove_prefix(module + 2);
    return trim(name.substr(0, name.find('.')));
}

// The column of ".1.3.6.1.4.1.9.1.{{ $index }}", or the whole of ".1.3.6.1.4.1.9.1.0"; empty for other forms.
std::string column_of(std::string_view num_oid) {
    const std::size_t open = num_oid.find("{{");
    if (open == std::string_view::npos) return plain_oid(num_oid);
    const bool is_index = trim(num_oid.substr(open + 2, num_oid.find("}}") - open - 2)) == "$index";
    const bool is_last = num_oid.find("}}") + 2 == num_oid.size();
    return is_index && is_last ? plain_oid(num_oid.substr(0, open)) : std::string();
}

std::string number_text_of(double number) {
    return fmt::format("{:.15g}", number);
}

class SensorImport {
  public:
    SensorImport(const SensorEntry& entry, const NameOids& names)
        : item_(entry.item),
          options_(entry.options),
          system_(entry.system),
          class_(entry.sensor_class),
          names_(names) {}

    void import_into(PackText& pack, Imported& out) {
        const std::string num_oid = item_.text("num_oid", "");
        const std::string what = system_ + ": " + class_ + " " + num_oid;
        const std::string oid = column_of(num_oid);
        if (oid.empty()) why_ = num_oid.empty() ? "it has no num_oid" : "its num_oid has another form";
        rule_.text("OID", oid);
        read_conditions();
        read_label();
        read_value();
        if (!why_.empty()) {
            out.left_out.push_back({what, why_});
            return;
        }
        ++out.taken;
        for (const std::string& why : lost_) out.changed.push_back({what, why});
        if (!with_.empty()) rule_.yaml("with", with_.str());
        if (!where_.empty()) rule_.yaml("where", where_.str());
        if (!unless_.empty()) rule_.yaml("unless", unless_.str());
        pack.add(class_ == "state" ? "states" : "sensors", rule_.str());
    }

  private:
    std::string column_named(const std::string& name) const {
        const auto known = names_.find(bare_name(name));
        return known != names_.end() ? known->second : plain_oid(numeric_oid(name));
    }

    // A name of the row for this column.
    std::string name_for(const std::string& column) {
        const auto known = std::find(columns_.begin(), columns_.end(), column);
        const auto at = static_cast<std::size_t>(known - columns_.begin());
        const std::string name = "c" + std::to_string(at + 1);
        if (known != columns_.end()) return name;
        columns_.push_back(column);
        with_.text(name, column);
        return name;
    }

    void read_conditions() {
        std::vector<std::string> skipped;
        for (Mapping* from : {&item_, &options_}) {
            for (auto one : from->items("skip_values", "is")) {
                if (one.has("is")) {
                    skipped.push_back(yaml_text(one.text("is", "")));
                } else {
                    read_condition(one);
                }
            }
        }
        if (!skipped.empty()) skip_ = yaml_list(skipped);
    }

    void read_condition(Mapping& from) {
        const std::string op = from.text("op", "=");
        const std::string name = from.text("oid", "");
        const std::string column = name.find("{{") == std::string::npos ? column_named(name) : std::string();
        const bool is_list = from.kind("value") == Mapping::Kind::list;
        std::vector<std::string> values;
        for (const std::string& value : is_list ? from.texts("value") : std::vector{from.text("value", "")})
            values.push_back(condition_text(value));
        const bool skips_these = op == "=" || op == "==" || op == "in_array";
        const bool skips_others = op == "!=" || op == "!==" || op == "not_in_array";
        if (column.empty() || (!skips_these && !skips_others)) {
            lost_.push_back("rows are not left out by " + (name.empty() ? "the device" : name) + " " + op);
            return;
        }
        (skips_these ? unless_ : where_).yaml(name_for(column), yaml_list(values));
    }

    void read_label() {
        const std::string descr = item_.text("descr", "");
        std::string out;
        std::string_view rest = descr;
        while (!rest.empty()) {
            const std::size_t open = rest.find("{{");
            out += without_braces(rest.substr(0, open));
            if (open == std::string_view::npos) break;
            const std::size_t close = rest.find("}}", open);
            const std::string name = trim(rest.substr(open + 2, close - open - 2));
            const std::string column = name == "$index" ? std::string() : column_named(name);
            if (name == "$index") out += "{index}";
            if (!column.empty()) out += "{" + name_for(column) + "}";
            rest.remove_prefix(close == std::string_view::npos ? rest.size() : close + 2);
        }
        YamlMap fallback;
        rule_.yaml("label", yaml_list({yaml_text(trim(out)), yaml_text(class_ + " {index}")}));
    }

    static std::string without_braces(std::string_view text) {
        std::string out;
        for (const char c : text)
            if (c != '{' && c != '}') out += c;
        return out;
    }

    void read_value() {
        if (class_ == "state") return read_states();
        std::string unit(unit_of(class_));
        if (unit.empty()) why_ = "sensors of class " + class_ + " have no unit here";
        double scale = factor("multiplier") / factor("divisor");
        const std::string function = item_.text("user_func", "");
        if (function == "fahrenheit_to_celsius") {
            unit = "fahrenheit";
        } else if (function == "uw_to_dbm") {
            unit = "milliwatts_dbm";
            scale *= 0.001;
        } else if (function == "mw_to_dbm") {
            unit = "milliwatts_dbm";
        } else if (!function.empty()) {
            why_ = "the function " + function;
        }
        rule_.text("unit", unit);
        if (scale != 1) rule_.text("scale", number_text_of(scale));
        if (!skip_.empty()) rule_.yaml("skip", skip_);
        read_limits(scale);
    }

    // What equals the limit is kept.
    void read_limits(double scale) {
        for (Mapping* from : {&item_, &options_}) {
            const double low = from->number("skip_value_lt", 0) * scale - 1e-9;
            const double high = from->number("skip_value_gt", 0) * scale + 1e-9;
            if (from->has("skip_value_lt") && std::isfinite(low)) rule_.text("above", number_text_of(low));
            if (from->has("skip_value_gt") && std::isfinite(high)) rule_.text("below", number_text_of(high));
        }
    }

    double factor(const char* key) {
        Mapping& from = item_.has(key) ? item_ : options_;
        const std::string text = from.text(key, "1");
        if (text.find("{{") != std::string::npos) why_ = std::string("its ") + key + " is in another column";
        const double out = why_.empty() ? from.number(key, 1) : 1;
        return out == 0 ? 1 : out;
    }

    void read_states() {
        static constexpr const char* kSeverities[] = {"ok", "warning", "critical", "unknown"};
        YamlMap states;
        for (auto& one : item_.mappings("states")) {
            const auto generic = std::min<std::uint64_t>(one.integer("generic", 3), 3);
            states.text(one.text("value", ""),
                        std::string(kSeverities[generic]) + " " + one.text("descr", ""));
        }
        if (states.empty()) why_ = "its states are not in the definition";
        rule_.yaml("states", states.str());
        if (!skip_.empty()) rule_.yaml("skip", skip_);
    }

    Mapping& item_;
    Mapping& options_;
    const std::string& system_;
    const std::string& class_;
    const NameOids& names_;
    YamlMap rule_;
    YamlMap with_;
    YamlMap where_;
    YamlMap unless_;
    std::vector<std::string> columns_;
    std::string skip_;
    std::string why_;
    std::vector<std::string> lost_;
};

}  // namespace

void collect_names(config::Mapping& sensors, NameOids& out) {
    for (const std::string& key : sensors.keys()) {
        if (sensors.kind(key) != Mapping::Kind::mapping) continue;
        auto section = sensors.mapping(key);
        for (auto& item : section.mappings("data")) {
            const std::string name = item.has("value") ? item.text("value", "") : item.text("oid", "");
            const std::string oid = column_of(item.text("num_oid", ""));
            if (!oid.empty() && name.find("{{") == std::string::npos) out.emplace(bare_name(name), oid);
        }
    }
}

void import_sensor(const SensorEntry& entry, const NameOids& names, PackText& pack, Imported& out) {
    SensorImport(entry, names).import_into(pack, out);
}

}  // namespace outstation::pack
