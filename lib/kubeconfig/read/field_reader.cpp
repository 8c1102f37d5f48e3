#include "kubeconfig/read/field_reader.hpp"

#include "kubeconfig/read/text_precheck.hpp"

#include <utility>

namespace doks::kube {

field_reader field_reader::operator[](std::string_view key) const
{
    std::string path = path_;
    if (!path.empty()) path += '.';
    path += key;
    if (!present()) return {nullptr, std::move(path)};
    if (node_->is != yaml::node::kind::mapping) refuse("is not a mapping");
    return {node_->find(key), std::move(path)};
}

std::vector<field_reader> field_reader::items() const
{
    std::vector<field_reader> all;
    if (!present()) return all;
    if (node_->is != yaml::node::kind::sequence) refuse("is not a list");
    for (const yaml::node* child = node_->children; child != nullptr; child = child->next)
        all.emplace_back(child, path_ + '[' + std::to_string(all.size()) + ']');
    return all;
}

std::string_view field_reader::text() const
{
    if (!present()) return {};
    if (node_->is != yaml::node::kind::scalar) refuse("is not text");
    return node_->text;
}

std::string field_reader::name() const
{
    const auto value = text();
    if (!is_printable(value)) refuse("holds control characters");
    return std::string(value);
}

std::string field_reader::required_name() const
{
    if (text().empty()) refuse("is missing");
    return name();
}

void field_reader::refuse(std::string_view why) const
{
    std::string reason = '`' + path_ + "` ";
    reason += why;
    throw parse_error{std::move(reason)};
}

}
