#pragma once

#include <yaml.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace doks::cli {

/** The values of a YAML document, read by libyaml. What it held is wiped when it is destroyed.

    A null node is the value of an empty document; it is no mapping.
*/
class yaml_reader
{
public:
    using node = const yaml_node_t*;
    using mapping = std::vector<std::pair<std::string_view, node>>;

    explicit yaml_reader(std::string_view bytes);
    yaml_reader(const yaml_reader&) = delete;
    yaml_reader& operator=(const yaml_reader&) = delete;
    ~yaml_reader();

    /// Why the text is not one YAML document; empty if it is. It quotes nothing.
    const std::string& fault() const noexcept { return fault_; }

    node root() noexcept { return root_; }
    /// The entries in their order; nothing where the value is no mapping, or has a key twice or one that is no text.
    std::optional<mapping> entries(node value);
    static bool is_null(node value);
    /// Of a scalar; empty for null and for every other value.
    static std::string_view text(node value);

private:
    void load(std::string_view bytes);

    yaml_parser_t parser_{};
    yaml_document_t document_{};
    node root_ = nullptr;
    std::string fault_;
};

}
