// SPDX-License-Identifier: GPL-3.0-or-later
// LibreNMS: the detection and the sensors of an operating system. What is read is taken by number (num_oid);
// names of a MIB are known as far as the definitions give the number of each somewhere.
#include "drivers/pack/import/formats.hpp"
#include "drivers/pack/import/librenms_sensor.hpp"
#include "drivers/pack/import/pack_text.hpp"
#include "drivers/pack/pattern.hpp"
#include "lib/config/config.hpp"

namespace outstation::pack {
namespace {

using config::Mapping;
// "/^Foo/i" as we write it; empty when it has something that our expressions do not.
std::string our_expression(const std::string& text) {
    const std::size_t end = text.rfind('/');
    if (text.size() < 2 || text.front() != '/' || end == 0) return {};
    const bool any_case = text.find('i', end) != std::string::npos;
    std::string out = (any_case ? "(?i)" : "") + text.substr(1, end - 1);
    return Pattern::compile(out) ? out : std::string();
}

class DetectionImport {
  public:
    DetectionImport(Mapping& root, const std::string& system, Imported& out)
        : root_(root), system_(system), out_(out) {}

    // The conditions as YAML; empty when none can be said.
    std::string run() {
        std::vector<std::string> all;
        for (auto& block : root_.mappings("discovery"))
            if (std::string one = condition(block); !one.empty()) all.push_back(std::move(one));
        return all.empty() ? std::string() : yaml_list(all);
    }

  private:
    std::string condition(Mapping& from) {
        YamlMap out;
        add_oids(from, "sysObjectID", "sys_object_id", out);
        add_oids(from, "sysObjectID_except", "not_sys_object_id", out);
        const bool has_words = add_words(from, "", "sys_descr", out);
        const bool is_found = has_words || from.has("sysObjectID");
        add_words(from, "_except", "not_sys_descr", out);
        for (const char* key : {"snmpget", "snmpwalk", "snmpget_except", "snmpwalk_except"})
            if (from.has(key)) out_.changed.push_back({system_, std::string("detected without ") + key});
        return is_found ? out.str() : std::string();
    }

    static void add_oids(Mapping& from, const char* key, const char* ours, YamlMap& out) {
        std::vector<std::string> items;
        for (auto item : from.items(key, "text")) {
            const std::string text = item.text("text", "");
            const std::string oid = plain_oid(text);
            if (!oid.empty()) items.push_back(yaml_text(oid + (text.ends_with('.') ? ".*" : "*")));
        }
        if (!items.empty()) out.yaml(ours, yaml_list(items));
    }

    bool add_words(Mapping& from, const std::string& end, const char* ours, YamlMap& out) {
        std::vector<std::string> items;
        for (auto item : from.items("sysDescr" + end, "text"))
            items.push_back(yaml_text(quoted_expression(item.text("text", ""))));
        for (auto item : from.items("sysDescr_regex" + end, "text")) {
            const std::string text = item.text("text", "");
            const std::string ours_text = our_expression(text);
            if (ours_text.empty())
                out_.changed.push_back({system_, "detected without the expression " + text});
            if (!ours_text.empty()) items.push_back(yaml_text(ours_text));
        }
        if (!items.empty()) out.yaml(ours, yaml_list(items));
        return !items.empty();
    }

    Mapping& root_;
    const std::string& system_;
    Imported& out_;
};

struct System {
    std::string detection;  // YAML texts
    std::string discovery;
};

std::map<std::string, System> systems_of(const Texts& texts) {
    std::map<std::string, System> out;
    for (const auto& [file, text] : texts) {
        const std::size_t slash = file.rfind('/');
        const std::string name = file.substr(slash + 1, file.rfind('.') - slash - 1);
        const bool is_detection =
            file.find("os_detection") != std::string::npos ||
            (file.find("os_discovery") == std::string::npos && text.compare(0, 3, "os:") == 0);
        (is_detection ? out[name].detection : out[name].discovery) = text;
    }
    return out;
}

std::string probes_of(Mapping& sensors) {
    NameOids names;
    collect_names(sensors, names);
    std::vector<std::string> oids;
    for (const auto& [name, oid] : names) oids.push_back(oid);
    return oids.empty() ? std::string() : YamlMap().yaml("probe", yaml_list(oids)).str();
}

void import_system(const std::string& name, const System& system, const NameOids& names, Imported& out) {
    auto detection = config::Document::parse(system.detection, name);
    auto discovery = config::Document::parse(system.discovery, name);
    auto root = detection.root();
    auto sensors = discovery.root().mapping("modules").mapping("sensors");
    PackText pack("librenms-" + name, root.text("text", name));
    std::string match = DetectionImport(root, name, out).run();
    if (match.empty()) match = probes_of(sensors);
    if (match.empty()) {
        out.left_out.push_back({name, "nothing says which devices it is for"});
        return;
    }
    pack.match(match);
    for (const std::string& key : sensors.keys()) {
        if (key == "additional_oids" || sensors.kind(key) != Mapping::Kind::mapping) continue;
        auto section = sensors.mapping(key);
        auto options = section.mapping("options");
        for (auto& item : section.mappings("data"))
            import_sensor({name, key, item, options}, names, pack, out);
    }
    if (!pack.empty()) keep_pack(out.packs, "librenms-" + name, pack);
}

}  // namespace

void import_librenms(const Texts& texts, Imported& out) {
    const auto systems = systems_of(texts);
    NameOids names;
    for (const auto& [name, system] : systems) {
        auto document = config::Document::parse(system.discovery, name);
        auto root = document.root();
        auto sensors = root.mapping("modules").mapping("sensors");
        if (!system.discovery.empty() && root.keys().empty()) {
            const auto problems = document.problems();
            out.left_out.push_back({name, problems.empty() ? "it is empty" : problems.front()});
        }
        collect_names(sensors, names);
    }
    for (const auto& [name, system] : systems) import_system(name, system, names, out);
}

}  // namespace outstation::pack
