#pragma once

#include "kubeconfig/file/random/made_value.hpp"

#include <random>
#include <string>

// Credentials of users' entries at random: some given by DigitalOcean, some the user's own.

/// The random numbers of one made-up kubeconfig.
class made_rng
{
public:
    explicit made_rng(unsigned seed)
        : engine_(seed)
    {}

    unsigned below(unsigned bound) { return std::uniform_int_distribution<unsigned>(0, bound - 1)(engine_); }
    bool chance(unsigned one_in) { return below(one_in) == 0; }
    std::string hex_digits(unsigned count)
    {
        std::string all;
        while (all.size() < count) all += "0123456789abcdef"[below(16)];
        return all;
    }

private:
    std::mt19937 engine_;
};

// What a user's entry may hold, for the cluster of this id.

/// By the API or doks, whatever the entry is called.
made_value given_credential(const std::string& id, made_rng& rng);
/// By the API or doctl if the entry is called so.
made_value ambiguous_credential(const std::string& id, made_rng& rng);
/// By the user.
made_value own_credential(const std::string& id, made_rng& rng);
