// Reading of the golden vectors that Python, C++ and TypeScript share: tests/vectors/*.hex (INI, hex values).
#pragma once

#include <cctype>
#include <cstdint>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::testing {

using Octets = std::vector<std::uint8_t>;
using VectorCase = std::map<std::string, Octets>;
using VectorFile = std::map<std::string, VectorCase>;

// Blanks are allowed anywhere between digits.
inline Octets from_hex(std::string_view text) {
  std::string digits;
  for (const char character : text) {
    if (std::isspace(static_cast<unsigned char>(character)) == 0) {
      digits += character;
    }
  }
  if (digits.size() % 2 != 0) {
    throw std::invalid_argument("odd number of hex digits: " + digits);
  }
  Octets octets;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    octets.push_back(static_cast<std::uint8_t>(std::stoul(digits.substr(i, 2), nullptr, 16)));
  }
  return octets;
}

inline VectorFile load_vectors(const std::string& name) {
  std::ifstream file(std::string(TANDEM_VECTORS) + "/" + name);
  if (!file) {
    throw std::runtime_error("no such vector file: " + name);
  }
  std::map<std::string, std::map<std::string, std::string>> raw;
  std::string line;
  std::string section;
  std::string key;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') {
      continue;
    }
    if (line[0] == '[') {
      section = line.substr(1, line.find(']') - 1);
      continue;
    }
    if (line[0] != ' ') {
      const std::size_t equals = line.find('=');
      key = line.substr(0, line.find(' '));
      line = line.substr(equals + 1);
    }
    raw[section][key] += line;
  }
  VectorFile vectors;
  for (const auto& [name_of_case, values] : raw) {
    for (const auto& [name_of_key, text] : values) {
      vectors[name_of_case][name_of_key] = from_hex(text);
    }
  }
  return vectors;
}

// A big-endian number of at most eight bytes.
inline std::uint64_t number(const Octets& octets) {
  std::uint64_t value = 0;
  for (const std::uint8_t octet : octets) {
    value = (value << 8U) | octet;
  }
  return value;
}

}  // namespace tandem::testing
