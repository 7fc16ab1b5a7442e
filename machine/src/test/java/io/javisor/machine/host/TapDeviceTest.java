package io.javisor.machine.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.net.NetConstants;
import io.javisor.core.net.NetInterfaces;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.NetConfig;
import io.javisor.testkit.host.NetNamespace;
import io.javisor.testkit.junit.TapTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Taps, opened in a network namespace of the test's. */
@TapTest
class TapDeviceTest {
    private final NetNamespace namespace;

    TapDeviceTest() throws Exception {
        namespace = NetNamespace.create();
    }

    @AfterEach
    void close() {
        namespace.close();
    }

    private static NetConfig.Tap config(String text) {
        return (NetConfig.Tap) NetConfig.parse(text).attachment();
    }

    private TapDevice open(String text) throws Exception {
        return namespace.call(() -> TapDevice.open(config(text)));
    }

    private int flags(String name) throws Exception {
        return namespace.call(() -> {
            try (NetInterfaces interfaces = new NetInterfaces()) {
                return interfaces.flags(name);
            }
        });
    }

    @Test
    void aTapIsMadeAndGoesAgain() throws Exception {
        TapDevice tap = open("tap");
        assertEquals("tap0", tap.name());
        assertEquals(1500, tap.mtu());
        assertEquals(1, tap.queues().size());
        assertTrue((flags("tap0") & NetConstants.IFF_UP) != 0);
        tap.close();
        assertTrue(flags("tap0") < 0);
    }

    @Test
    void aTapOfTheUsersIsUsedAndStays() throws Exception {
        namespace.run("ip", "tuntap", "add", "dev", "mine0", "mode", "tap");
        namespace.run("ip", "link", "set", "mine0", "up", "mtu", "9000");
        try (TapDevice tap = namespace.callUnprivileged(() -> TapDevice.open(config("tap,ifname=mine0")))) {
            assertEquals("mine0", tap.name());
            assertEquals(9000, tap.mtu());
        }
        assertTrue(flags("mine0") > 0);
    }

    @Test
    void aTapThatWasMadeForSeveralQueuesIsUsedWithOne() throws Exception {
        namespace.run("ip", "tuntap", "add", "dev", "mine0", "mode", "tap", "multi_queue");
        open("tap,ifname=mine0").close();
        try (TapDevice tap = open("tap,ifname=mine0,queues=4")) {
            assertEquals(4, tap.queues().size());
        }
    }

    @Test
    void aTapIsJoinedToItsBridgeOnce() throws Exception {
        namespace.run("ip", "link", "add", "br7", "type", "bridge");
        namespace.run("ip", "tuntap", "add", "dev", "mine0", "mode", "tap");
        open("tap,ifname=mine0,bridge=br7,mtu=1400").close();
        namespace.run("ip", "link", "show", "mine0", "master", "br7");
        try (TapDevice tap = open("tap,bridge=br7")) {
            assertEquals("tap0", tap.name());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tap,bridge=br7 | tap tap0 can't be joined to br7: there is no such interface; make it: sudo ip link"
                        + " add br7 type bridge",
                "tap,bridge=lo  | tap tap0 can't be joined to lo: it is no bridge",
                "tap,ifname=lo  | tap lo is no tap; choose another ifname",
                "tap,ifname=one0,queues=2 | tap one0 is no tap for several queues; make it anew: sudo ip link del"
                        + " one0 && sudo ip tuntap add dev one0 mode tap user $USER multi_queue   or leave queues out",
            })
    void whatCannotBeHadIsNamedWithARemedy(String text, String complaint) throws Exception {
        namespace.run("ip", "tuntap", "add", "dev", "one0", "mode", "tap");
        ConfigException e = assertThrows(ConfigException.class, () -> open(text));
        assertEquals("network: " + complaint, e.getMessage());
        assertTrue(flags("tap0") < 0, "nothing is left");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tap                 | a new tap can't be made without root; make one: sudo ip tuntap add dev tap0"
                        + " mode tap user $USER   and give ifname=tap0",
                "tap,ifname=new0     | tap new0 can't be made without root; make it once: sudo ip tuntap add dev new0"
                        + " mode tap user $USER",
                "tap,ifname=other0   | tap other0 is another user's; make it anew: sudo ip link del other0 && sudo ip"
                        + " tuntap add dev other0 mode tap user $USER",
                "tap,ifname=mine0    | tap mine0 is down; do it once: sudo ip link set mine0 up",
                "tap,ifname=mine0,bridge=br7 | tap mine0 can't be joined to br7: not permitted; do it once: sudo ip"
                        + " link set mine0 master br7",
                "tap,ifname=mine0,mtu=1400 | the MTU of tap mine0 can't be set; do it once: sudo ip link set mine0 mtu"
                        + " 1400",
            })
    void whatAUserMayNotDoIsNamedWithTheCommand(String text, String complaint) throws Exception {
        namespace.run("ip", "link", "add", "br7", "type", "bridge");
        namespace.run("ip", "tuntap", "add", "dev", "mine0", "mode", "tap");
        namespace.run("ip", "tuntap", "add", "dev", "other0", "mode", "tap", "user", "1");
        ConfigException e = assertThrows(
                ConfigException.class, () -> namespace.callUnprivileged(() -> TapDevice.open(config(text))));
        assertEquals("network: " + complaint, e.getMessage());
        if (text.contains("other0")) {
            return; // an owner is seen by him alone who attaches
        }
        e = assertThrows(
                ConfigException.class,
                () -> namespace.callUnprivileged(() -> {
                    TapDevice.check(config(text));
                    return "fine";
                }));
        assertEquals("network: " + complaint, e.getMessage());
    }

    private void check(String text) throws Exception {
        String _ = namespace.call(() -> {
            TapDevice.check(config(text));
            return "fine";
        });
    }

    /** Neither is one that somebody has disturbed. */
    @Test
    void whoOnlyChecksMakesAndChangesNothing() throws Exception {
        namespace.run("ip", "link", "add", "br7", "type", "bridge");
        namespace.run("ip", "tuntap", "add", "dev", "mine0", "mode", "tap");
        int before = flags("mine0");
        check("tap,ifname=mine0,bridge=br7,mtu=1400");
        check("tap,ifname=new0");
        check("tap");
        assertEquals(before, flags("mine0"));
        assertTrue(flags("new0") < 0);
        assertTrue(flags("tap0") < 0);
        try (TapDevice tap = open("tap,ifname=busy0")) {
            check("tap,ifname=busy0");
            assertFalse(tap.queues().isEmpty());
        }
        for (String wrong : new String[] {"tap,ifname=mine0,bridge=br8", "tap,ifname=lo"}) {
            ConfigException e = assertThrows(ConfigException.class, () -> check(wrong));
            assertEquals(assertThrows(ConfigException.class, () -> open(wrong)).getMessage(), e.getMessage());
        }
    }

    @Test
    void aTapInUseIsRefused() throws Exception {
        try (TapDevice tap = open("tap,ifname=busy0")) {
            ConfigException e = assertThrows(ConfigException.class, () -> open("tap,ifname=busy0"));
            assertEquals(
                    "network: tap busy0 is in use by another process; end that or choose another ifname",
                    e.getMessage());
            assertFalse(tap.queues().isEmpty());
        }
    }
}
