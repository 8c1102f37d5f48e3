#pragma once

#include "kubeconfig/result.hpp"
#include "yaml/draft.hpp"
#include "yaml/encoding.hpp"

#include <doks/secret.hpp>

#include <array>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace doks::kube {

/// The lists of named entries that make up a kubeconfig.
enum class entry_list
{
    clusters,
    contexts,
    users
};
inline constexpr std::array all_lists{entry_list::clusters, entry_list::contexts, entry_list::users};

std::string_view key_of(entry_list list) noexcept;
/// What the value of an entry stands under: `cluster`, `context`, `user`.
std::string_view body_key_of(entry_list list) noexcept;

/** A kubeconfig that is changed by its entries, and written with as few changes of its bytes as that takes.

    Entries have numbers, which stay; one that was erased is not found any more. What is put in refers to bytes
    that have to live until `text` was called. Bytes without any value become a kubeconfig in kubectl's form.
    UTF-16 and a byte order mark are kept. An entry without a name has the empty one, as for kubectl.
    Errors: those of `yaml::document`; another kind, and a list with the same name twice. None of them quotes a value.
*/
class kubeconfig_document
{
public:
    static boost::system::result<kubeconfig_document, parse_error> read(secret_bytes bytes);

    /// Its parts refer to each other, and stay where they are when it moves.
    kubeconfig_document(kubeconfig_document&&) = default;
    kubeconfig_document& operator=(kubeconfig_document&&) = default;

    /// Entries by number, erased ones included.
    std::size_t size(entry_list list) const noexcept;
    bool holds(entry_list list, std::size_t number) const noexcept;
    std::string_view name(entry_list list, std::size_t number) const noexcept;
    std::optional<std::size_t> find(entry_list list, std::string_view name) const;
    /// Null where the entry has none.
    const yaml::draft* body(entry_list list, std::size_t number) const noexcept;
    /// One that may be changed; a mapping, made if there is none.
    yaml::draft& changed_body(entry_list list, std::size_t number);

    std::size_t add(entry_list list, std::string_view name, yaml::draft body);
    void erase(entry_list list, std::size_t number);

    /// Empty if there is none.
    std::string_view current_context() const noexcept;
    void set_current_context(std::string_view name);

    bool is_changed() const noexcept { return changed_; }
    /// Reading these bytes would give the same document. Where that takes more than to compare them, it says no.
    bool is_same_as(std::string_view bytes) const noexcept;
    /// The bytes that say what it says now.
    boost::system::result<secret_bytes, parse_error> text() const;

    /// Text that lives as long as this object.
    std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }

private:
    kubeconfig_document() = default;
    std::string_view view() const noexcept { return {text_.data(), text_.size()}; }
    std::optional<parse_error> parse();
    std::optional<parse_error> why_no_line_can_follow() const;
    std::optional<parse_error> read_names(entry_list list);
    const yaml::draft* entries(entry_list list) const noexcept;

    secret_bytes text_;
    yaml::encoding stored_as_ = yaml::encoding::utf8;
    std::string_view added_line_end_; ///< behind the last line, taken off again
    bool changed_ = false;
    std::optional<yaml::document> document_;
    yaml::draft draft_;
    std::array<std::unordered_map<std::string_view, std::size_t>, 3> names_;
    std::deque<std::string> kept_;
};

/// The text of a kubeconfig's scalar; empty where there is none.
std::string_view text_of(const yaml::draft* mapping, std::string_view key) noexcept;

}
