// SPDX-License-Identifier: GPL-3.0-or-later
// The list of devices, filtered, sorted and paged; one device in full.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <tuple>

#include "daemons/webd/fleet.hpp"
#include "daemons/webd/handlers.hpp"
#include "daemons/webd/json.hpp"
#include "lib/crypto/bytes.hpp"

namespace outstation::webd {
namespace {

// Without regard to the case of ASCII letters; other scripts compare as they are.
std::string folded(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (static_cast<unsigned char>(c) < 0x80)
            c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return out;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : folded(text) + " ") {
        if (c != ' ') {
            word += c;
        } else if (!word.empty()) {
            words.push_back(std::move(word));
            word.clear();
        }
    }
    return words;
}

bool has_words(const DeviceView& device, const std::vector<std::string>& words) {
    if (words.empty()) return true;
    const wire::DeviceConfig& config = *device.config;
    const std::string all = folded(config.id + "\n" + config.name + "\n" + config.address + "\n" +
                                   config.location + "\n" + std::string(device.attribute("sys_descr")));
    return std::all_of(words.begin(), words.end(),
                       [&all](const std::string& word) { return all.find(word) != std::string::npos; });
}

struct Filter {
    std::vector<std::string> words;
    std::string state;
    std::string device_class;
    std::string sort;

    [[nodiscard]] bool takes(const DeviceView& device) const {
        const std::string& its_class = device.config->device_class;
        return (state.empty() || state_name(device.state) == state) &&
               (device_class.empty() || (its_class.empty() ? "other" : its_class) == device_class) &&
               has_words(device, words);
    }
};

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

std::optional<Filter> read_filter(const Call& call) {
    const auto text = [&call](std::string_view name) {
        return std::string(call.request->query(name).value_or(""));
    };
    Filter filter{words_of(text("q")), text("state"), text("class"), text("sort")};
    if (filter.sort.empty()) filter.sort = "state";
    if (text("q").size() > 200) return call.fail(400, "bad_request", "at most 200 bytes", "q"), std::nullopt;
    if (!filter.state.empty() && !one_of(filter.state, {"up", "down", "unknown"}))
        return call.fail(400, "bad_request", "expected up, down or unknown", "state"), std::nullopt;
    const std::string_view field = std::string_view(filter.sort).substr(filter.sort.front() == '-' ? 1 : 0);
    if (!one_of(field, {"state", "name", "address", "class", "location", "last_seen"}))
        return call.fail(400, "bad_request", "not a field to sort by", "sort"), std::nullopt;
    return filter;
}

// Trouble first.
int rank_of(wire::DeviceState state) {
    if (state == wire::DeviceState::down) return 0;
    return state == wire::DeviceState::unknown ? 1 : 2;
}

// "10.0.0.9" before "10.0.0.10": digits compare as numbers because each run is padded.
std::string natural(std::string_view text) {
    std::string out;
    std::string digits;
    for (const char c : std::string(text) + '\0') {
        if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
            digits += c;
            continue;
        }
        if (!digits.empty()) out += std::string(digits.size() < 12 ? 12 - digits.size() : 0, '0') + digits;
        digits.clear();
        if (c != '\0') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return out;
}

// Order of the list; the id makes it the only one with this key.
using SortKey = std::tuple<std::int64_t, std::string, std::string>;
constexpr std::size_t kLongestKeyText = 80;  // so that a key fits into a cursor

SortKey key_of(const DeviceView& device, std::string_view field) {
    const wire::DeviceConfig& config = *device.config;
    const auto key = [&config](std::int64_t number, const std::string& text) {
        return SortKey{number, text.substr(0, kLongestKeyText), config.id};
    };
    if (field == "state") return key(rank_of(device.state), natural(config.name));
    if (field == "address") return key(0, natural(config.address));
    if (field == "class") return key(0, config.device_class);
    if (field == "location") return key(0, natural(config.location));
    if (field == "last_seen") return key(device.last_seen_ns, "");
    return key(0, natural(config.name));
}

// The sort and the key of a page's last device; opaque to callers.
std::string cursor_of(const std::string& sort, const SortKey& key) {
    return crypto::to_base64url(sort + '\0' + std::to_string(std::get<0>(key)) + '\0' + std::get<1>(key) +
                                '\0' + std::get<2>(key));
}

// Nothing when it is none of ours, or of a list in another order.
std::optional<SortKey> key_from(const std::string& cursor, const std::string& sort) {
    const auto bytes = crypto::parse_base64url(cursor);
    if (!bytes) return std::nullopt;
    std::vector<std::string> parts(1);
    for (const char c : *bytes) {
        if (c == '\0') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    std::int64_t number = 0;
    if (parts.size() != 4 || parts[0] != sort) return std::nullopt;
    const char* end = parts[1].data() + parts[1].size();
    const auto parsed = std::from_chars(parts[1].data(), end, number);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    return SortKey{number, parts[2], parts[3]};
}

using Keyed = std::pair<SortKey, const DeviceView*>;

std::vector<Keyed> sorted(const Fleet& fleet, const Filter& filter, bool descending) {
    const std::string_view field = std::string_view(filter.sort).substr(descending ? 1 : 0);
    std::vector<Keyed> found;
    for (const DeviceView& device : fleet.devices) {
        if (filter.takes(device)) found.emplace_back(key_of(device, field), &device);
    }
    std::sort(found.begin(), found.end(), [descending](const Keyed& a, const Keyed& b) {
        return descending ? b.first < a.first : a.first < b.first;
    });
    return found;
}

void answer_list(Site& site, const Call& call, const Fleet& fleet, const Filter& filter, const Page& page) {
    const bool descending = filter.sort.front() == '-';
    const auto found = sorted(fleet, filter, descending);
    auto at = found.begin();
    if (!page.cursor.empty()) {
        const auto after = key_from(page.cursor, filter.sort);
        if (!after) return call.fail(400, "bad_request", "not a cursor of this list", "cursor");
        at = std::find_if(found.begin(), found.end(), [&](const Keyed& entry) {
            return descending ? entry.first < *after : *after < entry.first;
        });
    }
    const auto end = at + std::min(std::distance(at, found.end()), static_cast<std::ptrdiff_t>(page.limit));
    Json items = Json::array();
    for (auto it = at; it != end; ++it) items.push_back(device_json(*it->second));
    const std::string next = end == found.end() ? "" : cursor_of(filter.sort, std::prev(end)->first);
    call.reply(page_json(std::move(items), found.size(), next, site.now_ns()));
}

Json poll_json(const DeviceView& device) {
    Json json{{"interval_s", static_cast<double>(device.interval_ns) / 1e9}};
    json["configured_s"] = static_cast<double>(device.configured_ns) / 1e9;
    const wire::PollStatus none;
    const wire::PollStatus& poll = device.poll != nullptr ? *device.poll : none;
    const bool polled = poll.last_ns != 0;
    json["last"] = json_time(poll.last_ns);
    json["next"] = json_time(poll.next_ns);
    json["duration_ms"] = polled ? Json(static_cast<double>(poll.duration_ns) / 1e6) : Json(nullptr);
    json["rtt_ms"] = poll.rtt_ns != 0 ? Json(static_cast<double>(poll.rtt_ns) / 1e6) : Json(nullptr);
    json["requests"] = polled ? Json(poll.requests) : Json(nullptr);
    json["values"] = polled ? Json(poll.values) : Json(nullptr);
    json["timeouts"] = polled ? Json(poll.timeouts) : Json(nullptr);
    json["error"] = json_text(poll.error);
    json["protocol"] = clean_text(poll.protocol);
    json["authenticated"] = poll.authenticated;
    return json;
}

Json detail_json(const DeviceView& device) {
    Json json = device_json(device);
    Json attributes = Json::object();
    for (const char* name : {"sys_descr", "sys_object_id", "sys_name", "sys_location", "sys_contact",
                             "vendor", "class", "model", "version", "serial"}) {
        if (const auto value = device.attribute(name); !value.empty()) attributes[name] = clean_text(value);
    }
    json["attributes"] = std::move(attributes);
    json["origin"] = device.config->origin == wire::Origin::policy ? "policy" : "local";
    json["poll"] = poll_json(device);
    return json;
}

}  // namespace

void get_devices(Site& site, const CallPtr& call) {
    const auto filter = read_filter(*call);
    if (!filter) return;
    const auto page = page_query(*call);
    if (!page) return;
    ask_fleet(site, [&site, call, filter = *filter, page = *page](const std::shared_ptr<const Fleet>& fleet) {
        answer_list(site, *call, *fleet, filter, page);
    });
}

void get_device(Site& site, const CallPtr& call) {
    ask_fleet(site, [call](const std::shared_ptr<const Fleet>& fleet) {
        const DeviceView* device = fleet->find(call->request->params.at("id"));
        if (device == nullptr) return call->fail(404, "not_found", "there is no such device");
        call->reply(detail_json(*device));
    });
}

}  // namespace outstation::webd
