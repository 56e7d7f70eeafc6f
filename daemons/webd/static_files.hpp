// SPDX-License-Identifier: GPL-3.0-or-later
// The files of the web interface, read into memory at the start from the folder that the UI's build made: its
// manifest.json lists path, file, content type and whether the name holds the content's hash. Only listed
// paths exist. Threads: read-only after read().
#pragma once

#include <map>
#include <memory>
#include <string>

#include "lib/http/message.hpp"

namespace outstation::webd {

class StaticFiles {
  public:
    // Fails with not_found, or malformed when the manifest breaks its format or leads out of the folder.
    [[nodiscard]] static Result<StaticFiles> read(const std::string& folder);
    // The file of the path; for a path of the UI's own pages the page "/"; nothing for what looks like a file
    // or the API.
    [[nodiscard]] const http::Response* find(const http::Request& request) const;
    [[nodiscard]] std::size_t size() const { return files_.size(); }

  private:
    struct File {
        http::Response plain;
        http::Response gzip;  // without body: there is none
    };
    std::map<std::string, File> files_;
};

}  // namespace outstation::webd
