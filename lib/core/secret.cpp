#include <doks/secret.hpp>

#include <cstring>
#include <ostream>

namespace doks {

void wipe(void* data, std::size_t size) noexcept
{
    if (size != 0) explicit_bzero(data, size);
}

bool secret::equal(const secret& a, const secret& b) noexcept
{
    if (a.size() != b.size()) return false;
    unsigned char difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a.bytes_[i] ^ b.bytes_[i]);
    return difference == 0;
}

std::ostream& operator<<(std::ostream& out, const secret& hidden)
{
    return out << "[redacted:" << hidden.size() << ']';
}

}
