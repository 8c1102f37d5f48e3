#pragma once

#include <ostream>
#include <string>

// Writes shapes into an SVG file.

namespace quota {

struct point
{
    double x = 0;
    double y = 0;
};

/// Where a text's anchor is.
enum class side
{
    left,
    middle,
    right
};

/// Shapes of an SVG file, as plain as it needs.
class canvas
{
public:
    canvas(std::ostream& to, double width, double height);
    ~canvas() { to_ << "</svg>\n"; }
    canvas(const canvas&) = delete;
    canvas& operator=(const canvas&) = delete;

    void line(point from, point to, const std::string& color, double width = 1);
    void ring(point at, double radius, const std::string& color);
    void dot(point at, double radius, const std::string& color);
    void text(point at, const std::string& words, side anchor = side::left, int size = 12);

private:
    std::ostream& to_;
};

/// A range of values laid out on a range of pixels; equal ratios are equally long.
class log_axis
{
public:
    log_axis(double low, double high, double from, double to);
    /// Values beyond the ends are drawn at them.
    double operator()(double value) const;

private:
    double low_, high_, from_, to_;
};

}
