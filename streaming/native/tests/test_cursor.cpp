#include <doctest/doctest.h>

#include <array>

#include "cursor.hpp"

using tandem::ByteReader;
using tandem::Bytes;
using tandem::ByteWriter;

TEST_CASE("numbers are read and written in network byte order") {
  std::array<std::uint8_t, 18> buffer{};
  ByteWriter writer(buffer);
  writer.u8(0x01);
  writer.u16(0x0203);
  writer.u24(0x040506);
  writer.u32(0x0708090A);
  writer.u64(0x0B0C0D0E0F101112);
  REQUIRE(writer.ok());
  for (std::size_t i = 0; i < buffer.size(); ++i) {
    CHECK(buffer[i] == i + 1);
  }
  ByteReader reader(buffer);
  CHECK(reader.u8() == 0x01);
  CHECK(reader.u16() == 0x0203);
  CHECK(reader.u24() == 0x040506);
  CHECK(reader.u32() == 0x0708090A);
  CHECK(reader.u64() == 0x0B0C0D0E0F101112);
  CHECK(reader.ok());
  CHECK(reader.remaining() == 0);
}

TEST_CASE("a read out of bounds gives zero and fails for good") {
  const std::array<std::uint8_t, 3> bytes{1, 2, 3};
  ByteReader reader(bytes);
  CHECK(reader.u32() == 0);
  CHECK_FALSE(reader.ok());
  CHECK(reader.u8() == 0);
  CHECK(reader.remaining() == 0);
  CHECK(reader.take(0).empty());
  CHECK_FALSE(reader.skip(0));
  CHECK(reader.rest().empty());
}

TEST_CASE("take and skip refuse lengths that would overflow") {
  const std::array<std::uint8_t, 3> bytes{1, 2, 3};
  ByteReader reader(bytes);
  CHECK(reader.skip(1));
  CHECK(reader.take(static_cast<std::size_t>(-1)).empty());
  CHECK_FALSE(reader.ok());
}

TEST_CASE("rest takes what is left, also of nothing") {
  const std::array<std::uint8_t, 3> bytes{1, 2, 3};
  ByteReader reader(bytes);
  CHECK(reader.u8() == 1);
  CHECK(reader.rest().size() == 2);
  CHECK(reader.rest().empty());
  CHECK(reader.ok());
  CHECK(ByteReader(Bytes{}).rest().empty());
}

TEST_CASE("a write that does not fit writes nothing and fails for good") {
  std::array<std::uint8_t, 3> buffer{9, 9, 9};
  ByteWriter writer(buffer);
  CHECK(writer.u16(0x0102));
  CHECK_FALSE(writer.u16(0x0304));
  CHECK(buffer[2] == 9);
  CHECK_FALSE(writer.u8(5));
  CHECK_FALSE(writer.zeros(0));
  CHECK_FALSE(writer.bytes({}));
  CHECK(writer.position() == 2);
  CHECK(writer.remaining() == 0);
}

TEST_CASE("a patch reaches only what was written") {
  std::array<std::uint8_t, 4> buffer{};
  ByteWriter writer(buffer);
  writer.zeros(2);
  CHECK(writer.patch_u16(0, 0xABCD));
  CHECK(buffer[0] == 0xAB);
  CHECK(buffer[1] == 0xCD);
  CHECK_FALSE(writer.patch_u16(1, 1));
  CHECK_FALSE(writer.ok());
}
