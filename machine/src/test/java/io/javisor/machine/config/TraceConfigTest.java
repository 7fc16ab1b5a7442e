package io.javisor.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceConfigTest {
    private static final String NONE = "is none; write 0xffffffff81000000..0xffffffff81000fff or 0x1000+0x200";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "t.txt                        | t.txt | 0 | ffffffffffffffff",
                "/a b,range=0x1000..0x1fff    | /a b  | 1000 | 1fff",
                "a,,b,range=0x1000+0x200      | a,b   | 1000 | 11ff",
                "path=t,range=16..16          | t     | 10 | 10",
                "t,range=0xffffffff80000000..0xffffffffffffffff | t | ffffffff80000000 | ffffffffffffffff",
                "t,range=0xfffffffffffff000+4096 | t  | fffffffffffff000 | ffffffffffffffff",
            })
    void readsAndWrites(String text, String path, String first, String last) {
        TraceConfig trace = TraceConfig.parse(text);
        assertEquals(
                new TraceConfig(Path.of(path), Long.parseUnsignedLong(first, 16), Long.parseUnsignedLong(last, 16)),
                trace);
        assertEquals(trace, TraceConfig.parse(trace.toString()));
        assertEquals(new TraceConfig(Path.of("/o"), trace.first(), trace.last()), trace.at(Path.of("/o")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            quoteCharacter = '"',
            value = {
                "range=1..2        > 'range=1..2' lacks the file's path: write"
                        + " [path=]FILE[,range=FIRST..LAST|FIRST+SIZE]",
                "t,rnage=1..2      > 'rnage' is not known; did you mean 'range'?",
                "t,range=2..1      > range 0x2..0x1 ends before it begins",
                "t,range=0x10      > range='0x10' NONE",
                "t,range=1..2+3    > range='1..2+3' NONE",
                "t,range=0x..0x1   > range='0x..0x1' NONE",
                "t,range=1+0       > range='1+0' NONE",
                "t,range=2+0xffffffffffffffff > range='2+0xffffffffffffffff' NONE",
                "t,range=-1..2     > range='-1..2' NONE",
                "t,range=0x10000000000000000..2 > range='0x10000000000000000..2' NONE",
            })
    void refuses(String text, String message) {
        assertEquals(
                message.replace("NONE", NONE),
                assertThrows(IllegalArgumentException.class, () -> TraceConfig.parse(text))
                        .getMessage());
    }
}
