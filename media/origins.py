"""Whose a datagram is: by the fragment that a check names, and afterwards by the address it came from.

It decides nothing: an address is entered when a check from it has passed, or when what came from it opened with the transport's key. It
must never know packets. RFC 8445 §7.3 (checks), RFC 5764 §5.1.2 (everything else goes by its address).
"""

from __future__ import annotations

from media.stun import Address
from media.transport import Transport


class Origins:
    def __init__(self) -> None:
        self._by_fragment: dict[str, Transport] = {}
        self._by_address: dict[Address, Transport] = {}
        self.at = self._by_address.get  # asked for every datagram
        self.named = self._by_fragment.get

    def name(self, transport: Transport) -> None:
        """It may be checked by the fragments it has now."""
        for fragment in transport.ice.fragments:
            self._by_fragment[fragment] = transport

    def checked(self, transport: Transport, source: Address) -> Transport | None:
        """A check from there has passed: both tables as the transport's ICE agent has it now. → who had the address before."""
        owner = self.at(source)
        if owner is transport and transport.ice.settled:  # nearly always: one more check on the path in use
            return None
        self.forget(transport)
        for address in transport.ice.checked:
            self._by_address[address] = transport
        self.name(transport)
        transport.ice.settled = True
        return owner if owner is not transport else None

    def moved(self, transport: Transport, source: Address) -> None:
        """It is heard from there, too, though no check has come; of such addresses the last one counts."""
        transport.close_passages()
        if transport.stray is not None and self.at(transport.stray) is transport:
            del self._by_address[transport.stray]
        transport.stray = source
        self._by_address[source] = transport

    def forget(self, transport: Transport) -> None:
        transport.close_passages()
        for address in [address for address, holder in self._by_address.items() if holder is transport]:
            del self._by_address[address]
        for fragment in [fragment for fragment, holder in self._by_fragment.items() if holder is transport]:
            del self._by_fragment[fragment]
