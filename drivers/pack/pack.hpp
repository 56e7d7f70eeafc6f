// SPDX-License-Identifier: GPL-3.0-or-later
// A device pack as the evaluator uses it: read, checked, nothing of its text left. What each part means
// stands in docs/formats/pack.md. Immutable after it was read; threads: any.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "drivers/pack/oid.hpp"
#include "drivers/pack/pattern.hpp"

namespace outstation::pack {

struct Field;

inline constexpr unsigned kMaxBit = 1023;
inline constexpr int kMaxNameDepth = 8;  // names that lead to names

enum class Format { plain, mac, address, date, unix_time, hex, unsigned_32 };

// Where a text comes from. Modifiers apply in this order: format, extract (or rewrite), map, scale.
struct Source {
    enum class Kind { text, lookup, search, sum, difference, product, ratio };
    Kind kind = Kind::text;
    std::string text;  // text: a template; lookup: the template of the index, or of what search looks for
    std::string zh;    // text: the template in Chinese
    Oid oid;           // lookup, search: the column (or scalar) to read
    Oid key;           // search: the column that is searched
    bool own_index = true;  // lookup: at the index of the row
    enum class Rows { one, sum, count, min, max, mean };
    Rows rows = Rows::one;        // lookup: of all rows below the index; search: of all that are found
    std::vector<Field> operands;  // sum and its like
    Format format = Format::plain;
    std::optional<unsigned> bit;  // of the value of the row: 1 or 0
    std::optional<Pattern> extract;
    std::string rewrite;  // with $1; empty: the first group
    std::map<std::string, std::string> map;
    std::vector<std::string> skip;  // values that mean "nothing"
    double scale = 1;
};

// The first source that gives a text that is not empty.
struct Field {
    std::vector<Source> sources;
};

struct IndexPart {
    enum class As { integer, string, implied, address, mac, oid };
    std::string name;
    As as = As::integer;
};

// One text must be (or, as `unless`, must not be) one of these.
struct Condition {
    std::string text;  // template
    std::vector<std::string> texts;
    std::vector<Pattern> patterns;
    bool negated = false;
};

struct StateText {
    std::string severity;  // ok, warning, critical or unknown
    std::string text;
};

struct Rule {
    enum class Kind { port, sensor, state, processor, memory, storage, link, inventory, series };
    Kind kind = Kind::sensor;
    std::string place;  // file:line:column
    Oid oid;            // the column that makes the rows, or a scalar
    std::vector<IndexPart> index;
    std::map<std::string, Field> with;    // names for templates
    std::vector<Condition> conditions;    // all must hold
    std::map<std::string, Field> fields;  // of the kind
    Field value;                          // the number; without a source: what the OID has
    std::map<std::string, StateText> states;
    std::map<unsigned, StateText> bits;
    std::optional<double> above;  // values that are not above, or not below, are left out
    std::optional<double> below;
    bool last_resort = false;  // only when no more specific rule gave one of this kind
    std::string zh;            // the label in Chinese, a template
    std::string metric;        // series, and sensors that say it: a name of the dictionary, or a foreign one
};

// The fields of a series that are labels.
inline constexpr const char* kLabelField = "label:";

// ---- what Datadog's profiles say
struct Symbol {
    Oid oid;
    std::string name;
    std::string type;
    Format format = Format::plain;
    std::optional<Pattern> extract;
    std::string rewrite;
    double scale = 1;
    bool one = false;  // constant_value_one
};

struct Tag {
    std::string name;
    Symbol symbol;
    std::size_t index = 0;                                       // from 1: a part of the index
    std::vector<std::pair<std::size_t, std::size_t>> transform;  // parts of the index, from 0, both inclusive
    std::map<std::string, std::string> mapping;
    std::optional<Pattern> match;
    std::map<std::string, std::string> tags;  // with match: tag -> text with $1
    std::string fixed;                        // a tag of constant value
};

struct Metric {
    bool is_table = false;
    std::vector<Symbol> symbols;
    std::vector<Tag> tags;
    std::size_t placement = 0;  // flag_stream: the character from 1
};

// ---- which devices a pack is for
struct Match {
    std::vector<std::string> object_ids;  // any; * stands for any text
    std::vector<Pattern> descriptions;    // any
    std::vector<Oid> probes;              // any exists, or has something below it
    std::vector<std::string> not_object_ids;
    std::vector<Pattern> not_descriptions;
    bool always = false;
};

// What the vendor's number, or words of sysDescr, say when no pack does.
struct VendorHint {
    std::uint32_t enterprise = 0;
    std::optional<Pattern> description;
    std::string vendor;
    std::string kind;          // the class
    bool last_resort = false;  // only when nothing else says it
    bool is_shared = false;    // others answer objects of this enterprise, too
};

struct Pack {
    std::string name;
    std::string title;     // for people
    std::string title_zh;  // in Chinese
    std::string file;
    bool is_native = false;             // ours: it composes; a Datadog profile is chosen alone
    std::vector<Match> matches;         // any
    std::vector<std::string> excludes;  // names of packs that are not used with this one
    std::map<std::string, Field> identity;
    std::map<std::string, Field>
        fallback;  // the same words, when no identity and no vendor's number says them
    std::vector<Rule> rules;
    std::vector<Metric> metrics;
    std::vector<Tag> tags;  // of every metric
    std::vector<VendorHint> vendors;
    std::map<std::string, std::string> words;  // of all packs: labels in Chinese
};

}  // namespace outstation::pack
