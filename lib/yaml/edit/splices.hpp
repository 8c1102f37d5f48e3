#pragma once

#include <doks/secret.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace doks::yaml {

/// Changes to a text that are made all at once; those at the same place in the order in which they were given.
class splices
{
public:
    explicit splices(std::string_view text)
        : text_(text)
    {}

    void replace(std::size_t begin, std::size_t end, secret_bytes by)
    {
        splices_.push_back({begin, end, std::move(by)});
    }
    void replace(std::size_t begin, std::size_t end, std::string_view by)
    {
        replace(begin, end, secret_bytes(by.begin(), by.end()));
    }
    void erase(std::size_t begin, std::size_t end) { replace(begin, end, secret_bytes()); }
    void insert(std::size_t at, secret_bytes text) { replace(at, at, std::move(text)); }

    /// False if two of them overlap.
    bool apply(secret_bytes& to)
    {
        std::stable_sort(
            splices_.begin(), splices_.end(), [](const splice& a, const splice& b) { return a.begin < b.begin; });
        std::size_t size = text_.size();
        for (const auto& each : splices_) size += each.by.size();
        to.reserve(size);
        std::size_t at = 0;
        for (const auto& each : splices_) {
            if (each.begin < at || each.end < each.begin || each.end > text_.size()) return false;
            put(to, at, each.begin);
            to.insert(to.end(), each.by.begin(), each.by.end());
            at = each.end;
        }
        put(to, at, text_.size());
        return true;
    }

private:
    struct splice
    {
        std::size_t begin;
        std::size_t end;
        secret_bytes by;
    };

    void put(secret_bytes& to, std::size_t begin, std::size_t end) const
    {
        const auto part = text_.substr(begin, end - begin);
        to.insert(to.end(), part.begin(), part.end());
    }

    std::string_view text_;
    std::vector<splice> splices_;
};

}
