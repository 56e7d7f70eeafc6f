// SPDX-License-Identifier: GPL-3.0-or-later
// Any text as a definition of another program; the first byte chooses which. Whatever is made of it are packs
// that load, and everything that is not taken has a reason.
#include <cstdlib>
#include <string>

#include "drivers/pack/import/definitions.hpp"
#include "drivers/pack/library.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace outstation::pack;
    if (size == 0 || size > 16384) return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto import = import_definitions(kImportFormats[data[0] % 4], {{"os_discovery/f.yaml", text}});
    if (!import) std::abort();
    if (!load_packs(import->packs).refused.empty()) std::abort();
    for (const LeftOut& item : import->left_out)
        if (item.why.empty()) std::abort();
    return 0;
}
