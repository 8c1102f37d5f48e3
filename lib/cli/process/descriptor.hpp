#pragma once

#include <unistd.h>

namespace doks::cli {

/// An open file, closed with its owner.
class descriptor
{
public:
    explicit descriptor(int file) noexcept
        : file_(file)
    {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor()
    {
        if (file_ >= 0) ::close(file_);
    }

    int get() const noexcept { return file_; }
    explicit operator bool() const noexcept { return file_ >= 0; }

private:
    int file_;
};

}
