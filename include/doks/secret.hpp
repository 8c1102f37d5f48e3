#pragma once

#include <cstddef>
#include <iosfwd>
#include <new>
#include <string_view>
#include <vector>

namespace doks {

/// Overwrites memory; no optimiser removes it.
void wipe(void* data, std::size_t size) noexcept;

/// Wipes memory before it is freed, so that a container that grows leaves no copy of its content.
template <class T> struct wiping_allocator
{
    using value_type = T;

    wiping_allocator() = default;
    template <class U> wiping_allocator(const wiping_allocator<U>&) noexcept {}

    T* allocate(std::size_t count)
    {
        if (count > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_array_new_length();
        return static_cast<T*>(::operator new(count * sizeof(T)));
    }
    void deallocate(T* data, std::size_t count) noexcept
    {
        wipe(data, count * sizeof(T));
        ::operator delete(data);
    }
    /// Without a value, for the container is about to write one.
    template <class U> void construct(U* at) noexcept { ::new (static_cast<void*>(at)) U; }
    template <class U> bool operator==(const wiping_allocator<U>&) const noexcept { return true; }
};

/// Bytes that are wiped before they are freed: response bodies, requests with their token, keys.
using secret_bytes = std::vector<char, wiping_allocator<char>>;

/** A token or a private key: readable on purpose, never by accident.

    It owns its bytes and wipes them when it is destroyed or assigned to. A moved-from secret is empty. Streaming it prints
    `[redacted:<length>]`.
    @par Thread safety
    As a std::string.
*/
class secret
{
public:
    secret() = default;
    explicit secret(std::string_view bytes)
        : bytes_(bytes.begin(), bytes.end())
    {}
    secret(const secret&) = default;
    secret(secret&&) noexcept = default;
    /// Swaps: copying into the old bytes would leave the end of a longer secret in memory.
    secret& operator=(secret other) noexcept
    {
        bytes_.swap(other.bytes_);
        return *this;
    }
    ~secret() = default;

    /// The bytes; valid until this object is changed or destroyed.
    std::string_view reveal() const noexcept { return {bytes_.data(), bytes_.size()}; }
    std::size_t size() const noexcept { return bytes_.size(); }
    bool empty() const noexcept { return bytes_.empty(); }

    /// Compares in a time that depends on nothing but the lengths.
    friend bool operator==(const secret& a, const secret& b) noexcept { return equal(a, b); }

private:
    static bool equal(const secret& a, const secret& b) noexcept;

    secret_bytes bytes_;
};

std::ostream& operator<<(std::ostream& out, const secret& hidden);

}
