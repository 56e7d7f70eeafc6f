// SPDX-License-Identifier: GPL-3.0-or-later
// Looks at every record of a batch before any of it is accepted.
#include "lib/store/check_batch.hpp"

#include <string>

#include "lib/store/store.hpp"

namespace outstation::store {
namespace {

struct BatchSize {
    std::size_t values = 0;
    std::size_t text_octets = 0;
};

Result<void> check_column(const Dictionary& dictionary, const std::vector<std::uint32_t>& column,
                          SeriesKind kind) {
    if (dictionary.are_all(column, kind)) return {};
    return fail(ErrorCode::malformed, "value of an undefined series or in the wrong column");
}

Result<void> check_record(const wire::SampleRecord& record, const Dictionary& dictionary, BatchSize& size) {
    if (!record.valid() || record.device.empty() || record.device.size() > kMaxStateTextOctets)
        return fail(ErrorCode::malformed, "sample record without device or with columns of different length");
    size.values += record.size();
    size.text_octets += record.device.size();
    if (const auto ok = check_column(dictionary, record.counter_series, SeriesKind::counter); !ok) return ok;
    return check_column(dictionary, record.gauge_series, SeriesKind::gauge);
}

Result<void> check_record(const wire::StateRecord& record, const Dictionary&, BatchSize& size) {
    for (const std::string* text :
         {&record.device, &record.kind, &record.component, &record.value, &record.reason, &record.text}) {
        if (text->size() > kMaxStateTextOctets)
            return fail(ErrorCode::malformed, "state with too long a text");
    }
    if (record.alarm && record.alarm->text_octets() > kMaxStateTextOctets)
        return fail(ErrorCode::malformed, "alarm with too long texts");
    if (record.device.empty() || record.kind.empty())
        return fail(ErrorCode::malformed, "state without device or kind");
    if (record.alarm.has_value() != (record.kind == wire::kAlarmKind))
        return fail(ErrorCode::malformed, "a record of kind `alarm`, and no other, has one");
    if (record.alarm &&
        (record.alarm->severity > wire::Severity::warning || record.alarm->step > wire::AlarmStep::restated))
        return fail(ErrorCode::malformed, "alarm of an unknown severity or step");
    size.text_octets += record.text_octets();
    return {};
}

Result<void> check_record(const wire::LedgerRecord&, const Dictionary&, BatchSize&) {
    return {};
}

template <typename Record>
Result<void> check(const std::vector<Record>& records, const Dictionary& dictionary) {
    if (records.empty() || records.size() > kMaxBatchRecords)
        return fail(ErrorCode::malformed,
                    "a batch has 1 to " + std::to_string(kMaxBatchRecords) + " records");
    BatchSize size;
    for (const Record& record : records) {
        if (record.stamp.boot_id.size() > 16) return fail(ErrorCode::malformed, "boot id is too long");
        if (record.stamp.quality > ClockQuality::free_running)
            return fail(ErrorCode::malformed, "unknown clock quality");
        if (const auto ok = check_record(record, dictionary, size); !ok) return ok;
    }
    if (size.values > kMaxBatchValues) return fail(ErrorCode::malformed, "too many values in a batch");
    if (size.text_octets > kMaxBatchTextOctets)
        return fail(ErrorCode::malformed, "too long names or texts in a batch");
    return {};
}

}  // namespace

Result<void> check_batch(const std::vector<wire::SampleRecord>& records, const Dictionary& dictionary) {
    return check(records, dictionary);
}

Result<void> check_batch(const std::vector<wire::StateRecord>& records, const Dictionary& dictionary) {
    return check(records, dictionary);
}

Result<void> check_batch(const std::vector<wire::LedgerRecord>& records, const Dictionary& dictionary) {
    return check(records, dictionary);
}

}  // namespace outstation::store
