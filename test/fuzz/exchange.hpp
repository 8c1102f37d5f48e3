#pragma once

#include "fuzz/choices.hpp"

#include <string>

namespace doks::test {

/** One connection as a pool would use it: one to five requests, and a server that responses them well or badly.

    Shape: the server's bytes come in slices of any size, and more may come than was asked for. A delivered response must be
    what the reference parser makes of the same bytes, and the request's own where the server meant well.
*/
class exchange
{
public:
    explicit exchange(choices& from)
        : from_(from)
    {}

    /// What went wrong; empty if nothing did.
    std::string run();

    unsigned delivered() const noexcept { return delivered_; }
    unsigned refused() const noexcept { return refused_; }

private:
    std::string answer_to(const std::string& body);
    std::string header(bool& chunked, const std::string& body);
    std::string odd_field();
    std::string chunks_of(const std::string& body);
    std::string mangled(std::string bytes);
    std::string read_one(const std::string& sent, const std::string& body);

    choices& from_;
    bool sound_ = true; ///< nothing was mangled or odd in the response under way
    bool alive_ = true;
    unsigned delivered_ = 0;
    unsigned refused_ = 0;
};

}
