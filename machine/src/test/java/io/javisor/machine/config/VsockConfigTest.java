package io.javisor.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VsockConfigTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cid=3,path=v.sock               | cid=3,path=v.sock",
                "path=/run/a=b,cid=4294967294    | cid=4294967294,path=/run/a=b",
                "3,path=v                        | cid=3,path=v",
                "cid=0003,path=a,,b              | cid=3,path=a,,b",
            })
    void itIsWrittenAsItIsRead(String text, String written) {
        VsockConfig config = VsockConfig.parse(text);
        assertEquals(written, config.toString());
        assertEquals(config, VsockConfig.parse(config.toString()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                       | is not cid=N,path=FILE",
                "cid=3                    | is not cid=N,path=FILE",
                "path=v                   | is not cid=N,path=FILE",
                "cid=3,path=              | is not cid=N,path=FILE",
                "cid=x,path=v             | cid='x' is not a guest's context id, 3 to 4294967294",
                "cid=,path=v              | cid='' is not a guest's context id",
                "cid=-3,path=v            | cid='-3' is not a guest's context id",
                "cid=2,path=v             | cid=2 is the host; a guest's context id is 3 to 4294967294",
                "cid=4294967295,path=v    | cid='4294967295' is not a guest's context id",
                "cid=99999999999,path=v   | is not a guest's context id",
                "CID=3,path=v             | 'CID' is not known; did you mean 'cid'?",
                "cid=3,path=v,pth=w       | 'pth' is not known; did you mean 'path'?",
                "cid=3,cid=4,path=v       | 'cid' is there twice",
            })
    void whatIsNoneIsRefused(String text, String reason) {
        RuntimeException refusal = assertThrows(RuntimeException.class, () -> VsockConfig.parse(text));
        assertTrue(refusal instanceof IllegalArgumentException || refusal instanceof ConfigException);
        assertTrue(String.valueOf(refusal.getMessage()).contains(reason), refusal::toString);
    }

    /** Else the guest's connections to some ports could lead nowhere. */
    @Test
    void aPathHasRoomForEveryPort() {
        VsockConfig longest = new VsockConfig(3, Path.of("/" + "p".repeat(95)));
        assertEquals(107, longest.listenerPath(-1).length());
        ConfigException refusal = assertThrows(ConfigException.class, () -> longest.at(Path.of("/" + "p".repeat(96))));
        assertTrue(refusal.toString().contains("a path of 97 bytes"), refusal::toString);
        assertTrue(refusal.toString().contains("at most 96"), refusal::toString);
        assertEquals(1, refusal.toString().lines().count());
    }

    @Test
    void aPortOfTheHostsIsASocketBesideIt() {
        VsockConfig config = VsockConfig.parse("cid=3,path=v.sock");
        assertEquals("v.sock_52", config.listenerPath(52));
        assertEquals("v.sock_4294967295", config.listenerPath(-1));
    }

    @Test
    void aMachineHasOne() {
        MachineConfig.Builder machine = MachineConfig.builder(Path.of("k"));
        VsockConfig one = VsockConfig.parse("cid=3,path=a");
        VsockConfig other = VsockConfig.parse("cid=4,path=b");
        assertEquals(
                List.of(new NamedDevice("vsock0", one)),
                machine.virtio(List.of(one)).build().devices());
        assertThrows(
                ConfigException.class, () -> machine.virtio(List.of(one, other)).build());
    }
}
