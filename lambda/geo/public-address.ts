/**
 * Returns whether an address is one of the internet. Networks for documentation and benchmarks count as public: no source
 * lists them, and examples need them.
 *
 * @param first the highest 32 bits of the address
 */
export function isPublic(first: number, isIpv4: boolean): boolean {
  // IANA assigns global unicast IPv6 addresses from 2000::/3 only (RFC 4291 section 2.4).
  return isIpv4 ? isPublicIpv4(first) : first >>> 29 === 1;
}

/** Knows the networks of the IANA IPv4 Special-Purpose Address Registry (RFC 6890) that are not globally reachable. */
function isPublicIpv4(address: number): boolean {
  const byte = address >>> 24;
  const isIn = (network: number, length: number) => address >>> (32 - length) === network >>> (32 - length);
  switch (byte) {
    case 0: // this network
    case 10: // private
    case 127: // loopback
      return false;
    case 100: // 100.64.0.0/10, shared address space
      return !isIn(0x6440_0000, 10);
    case 169: // 169.254.0.0/16, link local
      return !isIn(0xa9fe_0000, 16);
    case 172: // 172.16.0.0/12, private
      return !isIn(0xac10_0000, 12);
    case 192: // 192.168.0.0/16, private; 192.0.0.0/24, protocol assignments
      return !isIn(0xc0a8_0000, 16) && !isIn(0xc000_0000, 24);
    default: // multicast and reserved addresses begin at 224.0.0.0
      return byte < 224;
  }
}
