#pragma once

#include "kubeconfig/result.hpp"
#include "yaml/document.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace doks::kube {

/** A place in a kubeconfig, and the path that leads there.

    A value that is absent or null is a field all the same: asking it for text gives nothing. It refers to its
    document.
    Errors: a value of another form than the one asked for throws a `parse_error` that names the path; `parse_kubeconfig`
    is where it is caught.
*/
class field_reader
{
public:
    field_reader(const yaml::node* node, std::string path)
        : node_(node)
        , path_(std::move(path))
    {}

    const std::string& path() const noexcept { return path_; }
    const yaml::node* node() const noexcept { return node_; }
    bool present() const noexcept { return node_ != nullptr && !node_->is_null(); }

    field_reader operator[](std::string_view key) const;
    std::vector<field_reader> items() const;

    /// Empty where it is absent.
    std::string_view text() const;
    /// Text that may be shown: without control characters.
    std::string name() const;
    /// Refuses an empty or absent one.
    std::string required_name() const;

    [[noreturn]] void refuse(std::string_view why) const;

private:
    const yaml::node* node_;
    std::string path_;
};

}
