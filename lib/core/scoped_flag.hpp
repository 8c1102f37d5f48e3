#pragma once

namespace doks::core {

/// Sets a flag until the end of the scope.
struct scoped_flag
{
    explicit scoped_flag(bool& of) noexcept
        : flag(of)
    {
        flag = true;
    }
    ~scoped_flag() { flag = false; }
    scoped_flag(const scoped_flag&) = delete;
    scoped_flag& operator=(const scoped_flag&) = delete;

    bool& flag;
};

}
