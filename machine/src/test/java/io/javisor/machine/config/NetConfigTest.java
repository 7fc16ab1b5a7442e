package io.javisor.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.devices.virtio.net.MacAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --net} as users write it. */
class NetConfigTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "tap",
                "tap,ifname=tap0",
                "tap,ifname=tap0,bridge=br0,queues=4,mtu=9000,mac=52:54:00:12:34:56",
                "user",
                "user,publish=8080:80",
                "user,host-loopback=on",
                "user,publish=8080:80,host-loopback=on,mac=02:00:00:00:00:01",
                "user,publish=8080:80,publish=127.0.0.1:53:5353/udp,publish=[::1]:2222:22,mac=02:00:00:00:00:01"
            })
    void itIsWrittenAsItIsRead(String text) {
        assertEquals(text, NetConfig.parse(text).toString());
        assertEquals(
                NetConfig.parse(text), NetConfig.parse(NetConfig.parse(text).toString()));
    }

    @Test
    void portsOnAllAddressesAreTold() {
        NetConfig card =
                NetConfig.parse("user,publish=8080:80,publish=127.0.0.1:1:2,publish=[::1]:53:53/udp,publish=5:6/udp");
        assertEquals(
                List.of("0.0.0.0:8080:80", "127.0.0.1:1:2", "[::1]:53:53/udp", "0.0.0.0:5:6/udp"),
                ((NetConfig.User) card.attachment())
                        .published().stream().map(PublishedPort::mapping).toList());
        assertEquals(
                "virtio network: " + card + " (open on all addresses: 0.0.0.0:8080, 0.0.0.0:5)", card.description());
        assertEquals(
                "virtio network: user,publish=127.0.0.1:1:2",
                NetConfig.parse("user,publish=127.0.0.1:1:2").description());
    }

    @Test
    void theHostsLoopbackIsClosedUnlessAsked() {
        assertFalse(((NetConfig.User) NetConfig.parse("user").attachment()).hostLoopback());
        assertEquals("user", NetConfig.parse("user,host-loopback=off").toString());
    }

    @Test
    void eachPartGoesToItsPlace() {
        assertEquals(
                new NetConfig(new NetConfig.Tap("t1", "br0", 2, 1400), MacAddress.parse("02:00:00:00:00:07")),
                NetConfig.parse("tap,mtu=1400,mac=02:00:00:00:00:07,queues=2,bridge=br0,ifname=t1"));
        assertEquals(
                new NetConfig(
                        new NetConfig.User(
                                List.of(
                                        new PublishedPort(null, 8080, 80, PublishedPort.Protocol.TCP),
                                        new PublishedPort("10.0.0.1", 1, 65_535, PublishedPort.Protocol.UDP)),
                                false),
                        null),
                NetConfig.parse("user,publish=8080:80/tcp,publish=10.0.0.1:1:65535/udp"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "\"\"                       | '' is neither tap nor user: write tap[,ifname=NAME]",
                "bridge                   | 'bridge' is neither tap nor user",
                "ifname=tap0              | 'ifname=tap0' is neither tap nor user",
                "tap,brigde=br0           | 'brigde' is not known; did you mean 'bridge'?",
                "tap,publish=1:1          | 'publish' is not known; known are",
                "user,bridge=br0          | 'bridge' is not known; known are",
                "tap,ifname=a,ifname=b    | 'ifname' is there twice",
                "user,mac=02:00:00:00:00:01,mac=02:00:00:00:00:02 | 'mac' is there twice",
                "tap,ifname=              | is no name of an interface",
                "tap,ifname=abcdefghijklmnop | is no name of an interface: these have 1 to 15 characters",
                "tap,bridge=a/b           | bridge='a/b' is no name of an interface",
                "tap,queues=0             | a network card has 1 to 16 queues, not 0",
                "tap,queues=17            | a network card has 1 to 16 queues, not 17",
                "tap,queues=two           | queues='two' is not a number",
                "tap,mtu=67               | mtu=67 is not within 68 and 65521",
                "tap,mtu=65522            | mtu=65522 is not within 68 and 65521",
                "tap,mac=52:54            | '52:54' is no Ethernet address",
                "tap,mac=01:00:00:00:00:01 | mac=01:00:00:00:00:01 is a group's address",
                "user,publish             | publish lacks its ports",
                "user,host-loopback       | host-loopback='' is neither on nor off",
                "user,host-loopback=yes   | host-loopback='yes' is neither on nor off",
                "tap,host-loopback=on     | 'host-loopback' is not known; known are",
                "user,publish=80          | publish='80' is not [ADDRESS:]HOSTPORT:GUESTPORT",
                "user,publish=0:80        | ports are 1 to 65535, not 0",
                "user,publish=80:65536    | ports are 1 to 65535, not 65536",
                "user,publish=80:80/sctp  | publish='80:80/sctp' is not",
                "user,publish=::1:80:80   | publish='::1:80:80' is not",
            })
    void aMistakeIsNamed(String text, String complaint) {
        RuntimeException e = assertThrows(RuntimeException.class, () -> NetConfig.parse(text));
        assertTrue(e instanceof IllegalArgumentException || e instanceof ConfigException, e.toString());
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains(complaint), message);
        assertEquals(1, message.lines().count());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tap,mac=02:00:00:00:00:07 | user,mac=02:00:00:00:00:07 | the network cards net0 and net1 both have the"
                        + " address 02:00:00:00:00:07; give each its own mac",
                "tap,ifname=t0 | tap,ifname=t0,bridge=br0 | the network cards net0 and net1 both are on the tap t0;"
                        + " give each its own ifname",
            })
    void noTwoCardsAreOne(String one, String other, String complaint) {
        MachineConfig.Builder machine = MachineConfig.builder(Path.of("k"))
                .virtio(List.of(NetConfig.parse(one), new RngConfig(0), NetConfig.parse(other)));
        ConfigException e = assertThrows(ConfigException.class, machine::build);
        assertEquals(complaint, e.getMessage());
    }

    @Test
    void cardsMayBeAlikeInAllElse() {
        NetConfig card = NetConfig.parse("tap,bridge=br0");
        assertEquals(
                3,
                MachineConfig.builder(Path.of("k"))
                        .virtio(List.of(card, card, NetConfig.parse("user")))
                        .build()
                        .virtio()
                        .size());
    }

    @Test
    void anAddressFollowsFromNameAndNumber() {
        NetConfig card = NetConfig.parse("user");
        MacAddress address = card.macOf("web-1", "net0");
        assertEquals(address, card.macOf("web-1", "net0"));
        assertNotEquals(address, card.macOf("web-1", "net1"));
        assertNotEquals(address, card.macOf("web-2", "net0"));
        for (int i = 0; i < 1000; i++) {
            MacAddress each = card.macOf("vm-" + i, "net0");
            assertTrue(each.isUnicast());
            assertEquals(2, each.value() >>> 40 & 3, "locally administered");
        }
        assertEquals(
                MacAddress.parse("02:00:00:00:00:07"),
                NetConfig.parse("tap,mac=02:00:00:00:00:07").macOf("web-1", "net0"));
    }
}
