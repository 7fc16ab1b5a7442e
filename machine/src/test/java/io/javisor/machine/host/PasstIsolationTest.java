package io.javisor.machine.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.config.ConfigException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What passt is told, by what its help says and whom the host asks for names. */
class PasstIsolationTest {
    private static final String OLD = "  --dns-forward ADDR\n  --no-map-gw\t\tDon't map gateway address to host";
    private static final String NEW = OLD + "\n  --map-host-loopback ADDR\n  --dns-host ADDR";

    private static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "old | ''                 | ''                | --no-map-gw",
                "old | 9.9.9.9            | ''                | --no-map-gw",
                "old | 127.0.0.53 9.9.9.9 | ''                | --no-map-gw",
                "old | 127.0.0.53         | 9.9.9.9           | --no-map-gw --dns 9.9.9.9",
                "old | ::1 127.0.0.53     | 1.1.1.1 2::2 fe80::1%eth0 127.0.0.1 3.3.3.3 4.4.4.4"
                        + " | --no-map-gw --dns 1.1.1.1 --dns 2::2 --dns 3.3.3.3",
                "old | 127.0.0.1          | ''                | --no-map-gw --dns-forward 169.254.1.1",
                "old | ::1                | ''                | --no-map-gw",
                "new | 9.9.9.9            | ''                | --no-map-gw",
                "new | ::1 127.0.0.53     | 9.9.9.9"
                        + " | --no-map-gw --dns-host 127.0.0.53 --dns-forward 169.254.1.1 --dns 169.254.1.1",
            })
    void theOptionsFitItAndTheHost(String help, String servers, String behind, String options) {
        PasstIsolation isolation =
                PasstIsolation.of(help.equals("old") ? OLD : NEW, new HostNameServers(words(servers), words(behind)));
        assertEquals(options, String.join(" ", isolation.options()));
    }

    @Test
    void whereTheGuestIsNotToldOfItsNameServerThatIsSaid() {
        String warning = PasstIsolation.of(OLD, new HostNameServers(List.of("127.0.0.1"), List.of()))
                .warning();
        assertTrue(
                warning != null
                        && warning.contains("169.254.1.1")
                        && warning.lines().count() == 1,
                warning);
    }

    @Test
    void oneThatHasOnlyTheNewOptionIsToldThat() {
        assertEquals(
                List.of("--map-host-loopback", "none"),
                PasstIsolation.of("  --map-host-loopback ADDR", new HostNameServers(List.of(), List.of()))
                        .options());
    }

    @Test
    void oneThatCantIsRefused() {
        ConfigException e = assertThrows(
                ConfigException.class, () -> PasstIsolation.of("usage", new HostNameServers(List.of(), List.of())));
        assertTrue(String.valueOf(e.getMessage()).endsWith("--net user,host-loopback=on"), e.getMessage());
    }

    @Test
    void nameServersAreReadAsResolversDo() {
        assertEquals(List.of("127.0.0.53", "::1", "fe80::1%eth0"), HostNameServers.parse("""
            # nameserver 1.1.1.1
            nameserver 127.0.0.53
            nameserver\t::1 # here
            options edns0
            nameserver
            search nameserver
              nameserver fe80::1%eth0
            """));
    }
}
