package io.javisor.core.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.memory.MemoryBackingConfig.Kind;
import io.javisor.core.memory.MemoryBackingConfig.Thp;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MemoryBackingConfigTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "anon; ANON; AUTO; false; false; anon",
                "memfd; MEMFD; AUTO; false; false; memfd",
                "hugetlb; HUGETLB; AUTO; false; false; hugetlb",
                "anon,thp; ANON; ON; false; false; anon,thp=on",
                "anon,thp=on; ANON; ON; false; false; anon,thp=on",
                "anon,thp=off; ANON; OFF; false; false; anon,thp=off",
                "memfd,thp,prefault; MEMFD; ON; false; true; memfd,thp=on,prefault=on",
                "memfd,prefault,thp=off; MEMFD; OFF; false; true; memfd,thp=off,prefault=on",
                "anon,ksm; ANON; AUTO; true; false; anon,ksm=on",
                "anon,ksm=on,thp=on; ANON; ON; true; false; anon,thp=on,ksm=on",
                "anon,ksm,prefault=off; ANON; AUTO; true; false; anon,ksm=on",
                "memfd,ksm=off; MEMFD; AUTO; false; false; memfd",
                "hugetlb,prefault=on; HUGETLB; AUTO; false; true; hugetlb,prefault=on",
                "hugetlb,thp=off; HUGETLB; OFF; false; false; hugetlb,thp=off",
            })
    void parses(String text, Kind kind, Thp thp, boolean ksm, boolean prefault, String canonical) {
        MemoryBackingConfig config = MemoryBackingConfig.parse(text);
        assertEquals(new MemoryBackingConfig(kind, thp, ksm, prefault), config);
        assertEquals(canonical, config.toString());
        assertEquals(config, MemoryBackingConfig.parse(config.toString()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "''; is not a kind",
                "file; \"file\" is not a kind; the form is",
                "ANON; is not a kind",
                "' anon'; is not a kind",
                "thp; is not a kind",
                "anon,; unknown option \"\"",
                "anon,,thp; unknown option \"\"",
                "anon,huge; unknown option \"huge\"",
                "anon,thp=yes; \"thp=yes\": the value is on or off",
                "anon,thp=; \"thp=\": the value is on or off",
                "anon,thp=on=on; the value is on or off",
                "anon,ksm,ksm; ksm is given twice",
                "anon,thp=on,thp=off; thp is given twice",
                "memfd,ksm; private anonymous memory only",
                "hugetlb,ksm; private anonymous memory only",
                "anon,ksm,prefault; takes every page at the start",
                "hugetlb,thp; made of huge pages already",
                "hugetlb,prefault,thp=on; made of huge pages already",
            })
    void refusesWithTheReason(String text, String reason) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> MemoryBackingConfig.parse(text));
        assertTrue(String.valueOf(e.getMessage()).contains(reason), String.valueOf(e.getMessage()));
        assertTrue(String.valueOf(e.getMessage()).startsWith("memory backing"), String.valueOf(e.getMessage()));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void refusesContradictionsThatWereNotParsedToo(Kind kind) {
        assertThrows(IllegalArgumentException.class, () -> new MemoryBackingConfig(kind, Thp.AUTO, true, true));
    }
}
