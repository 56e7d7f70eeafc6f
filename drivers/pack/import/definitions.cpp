// SPDX-License-Identifier: GPL-3.0-or-later
// Which importer reads what.
#include "drivers/pack/import/definitions.hpp"

#include "drivers/pack/import/formats.hpp"
#include "drivers/pack/library.hpp"

namespace outstation::pack {
namespace {

struct Importer {
    std::string_view format;
    void (*run)(const Texts&, Imported&);
};

constexpr Importer kImporters[] = {{"datadog", import_datadog},
                                   {"snmp_exporter", import_snmp_exporter},
                                   {"zabbix", import_zabbix},
                                   {"librenms", import_librenms}};

std::string base_name(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

}  // namespace

// A profile is a pack as it is; only whether it is right is to be told.
void import_datadog(const Texts& texts, Imported& out) {
    Texts files;
    for (const auto& [path, text] : texts)
        if (!files.emplace(base_name(path), text).second)
            out.left_out.push_back({path, "another file in another folder has its name, too"});
    const Library library = load_packs(files);
    for (const Error& error : library.refused) {
        const std::string file = error.text.substr(0, error.text.find(':'));
        out.left_out.push_back({file, error.text});
        files.erase(file);
    }
    for (const std::string& note : library.notes)
        out.changed.push_back({note.substr(0, note.find(':')), note});
    out.taken = files.size();
    out.packs = std::move(files);
}

Result<Imported> import_definitions(std::string_view format, const Texts& texts) {
    for (const Importer& importer : kImporters) {
        if (importer.format != format) continue;
        Imported out;
        importer.run(texts, out);
        return out;
    }
    return fail(ErrorCode::config, "'" + std::string(format) + "' is not a format that can be imported");
}

}  // namespace outstation::pack
