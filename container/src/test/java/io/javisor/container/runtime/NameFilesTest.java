package io.javisor.container.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.container.spec.NamesSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NameFilesTest {
    private static final NamesSpec PLAIN = new NamesSpec("", List.of(), List.of(), List.of(), List.of());

    private static NamesSpec asking(List<String> servers, List<String> search, List<String> options) {
        return new NamesSpec("", List.of(), servers, search, options);
    }

    @Test
    void theNameIsTheIdentityUnlessItsUserGaveOne() {
        assertEquals("0123456789ab", NameFiles.hostname(PLAIN, "0123456789ab"));
        NamesSpec named = new NamesSpec("box", List.of(), List.of(), List.of(), List.of());
        assertEquals("box", NameFiles.hostname(named, "0123456789ab"));
    }

    @Test
    void hostsAreDockers() {
        NamesSpec names = new NamesSpec(
                "",
                List.of(new NamesSpec.HostLine("db", "192.0.2.7"), new NamesSpec.HostLine("six", "2001:db8::1")),
                List.of(),
                List.of(),
                List.of());
        assertEquals("""
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::0\tip6-localnet
            ff00::0\tip6-mcastprefix
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            192.0.2.7\tdb
            2001:db8::1\tsix
            10.0.2.15\tbox
            """, NameFiles.hosts(names, "box", "10.0.2.15"));
    }

    @Test
    void withoutANetworkItsNameIsTheLoopbackInterfaces() {
        assertTrue(NameFiles.hosts(PLAIN, "box", null).endsWith("\n127.0.0.1\tbox\n"));
    }

    @Test
    void aNameWithADomainIsThereWithoutItToo() {
        assertTrue(
                NameFiles.hosts(PLAIN, "box.example.org", "10.0.2.15").endsWith("\n10.0.2.15\tbox.example.org box\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                              | nameserver 9.9.9.9",
                "search a.example b.example      | search a.example b.example;nameserver 9.9.9.9",
                "options ndots:2 edns0           | nameserver 9.9.9.9;options ndots:2 edns0",
                "domain x;  search y ; search z  | search z;nameserver 9.9.9.9",
                "# search no;;nameserver 1.1.1.1 | nameserver 9.9.9.9",
                "searching a                     | nameserver 9.9.9.9",
                "search                          | nameserver 9.9.9.9",
            })
    void whatItsUserDoesNotSayIsTheHosts(String host, String wanted) {
        assertEquals(
                wanted.replace(";", "\n") + "\n",
                NameFiles.resolver(PLAIN, List.of("9.9.9.9"), host.replace(";", "\n")));
    }

    @Test
    void whatItsUserSaysReplacesTheHosts() {
        assertEquals(
                "search c.example\nnameserver 8.8.8.8\nnameserver 2001:db8::53\noptions timeout:1\n",
                NameFiles.resolver(
                        asking(List.of("8.8.8.8", "2001:db8::53"), List.of("c.example"), List.of("timeout:1")),
                        List.of("9.9.9.9"),
                        "search a.example\noptions ndots:2\n"));
    }

    @Test
    void aDotIsNoDomainAtAll() {
        assertEquals(
                "nameserver 9.9.9.9\n",
                NameFiles.resolver(
                        asking(List.of(), List.of("."), List.of()), List.of("9.9.9.9"), "search a.example\n"));
    }

    @Test
    void aResolverAsksThreeAtMost() {
        String file = NameFiles.resolver(PLAIN, List.of("1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4"), "");
        assertEquals("nameserver 1.1.1.1\nnameserver 2.2.2.2\nnameserver 3.3.3.3\n", file);
    }

    @Test
    void whereNobodyIsToBeAskedTheFileIsEmpty() {
        assertEquals("", NameFiles.resolver(PLAIN, List.of(), ""));
    }
}
