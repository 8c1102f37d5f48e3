#include "kubeconfig/read/field.hpp"

#include "kubeconfig/read/screen.hpp"

#include <utility>

namespace doks::kube {

field field::operator[](std::string_view key) const
{
    std::string path = path_;
    if (!path.empty()) path += '.';
    path += key;
    if (!present()) return {nullptr, std::move(path)};
    if (node_->is != yaml::node::kind::mapping) refuse("is not a mapping");
    return {node_->find(key), std::move(path)};
}

std::vector<field> field::items() const
{
    std::vector<field> all;
    if (!present()) return all;
    if (node_->is != yaml::node::kind::sequence) refuse("is not a list");
    for (const yaml::node* child = node_->children; child != nullptr; child = child->next)
        all.emplace_back(child, path_ + '[' + std::to_string(all.size()) + ']');
    return all;
}

std::string_view field::text() const
{
    if (!present()) return {};
    if (node_->is != yaml::node::kind::scalar) refuse("is not text");
    return node_->text;
}

std::string field::name() const
{
    const auto value = text();
    if (!is_printable(value)) refuse("holds control characters");
    return std::string(value);
}

std::string field::required_name() const
{
    if (text().empty()) refuse("is missing");
    return name();
}

void field::refuse(std::string_view why) const
{
    std::string reason = '`' + path_ + "` ";
    reason += why;
    throw parse_error{std::move(reason)};
}

}
