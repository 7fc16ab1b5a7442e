package io.javisor.core.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuConfigTest {
    @Test
    void aTemplateWithFeatures() {
        CpuConfig config = CpuConfig.parse(" x86-64-v2, +avx,-x2apic ");
        assertEquals(CpuTemplate.X86_64_V2, config.template());
        assertEquals(Set.of("avx"), config.shown());
        assertEquals(Set.of("x2apic"), config.hidden());
    }

    @Test
    void theTemplateMayBeLeftOut() {
        CpuConfig config = CpuConfig.parse("-avx");
        assertNull(config.template());
        assertEquals(Set.of("avx"), config.hidden());
        assertEquals(CpuTemplate.HOST, config.effectiveTemplate());
        assertEquals(CpuTemplate.X86_64_V3, CpuConfig.parse("x86-64-v3,-avx").effectiveTemplate());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "hosst | unknown CPU template 'hosst'; known are host, x86-64-v2, x86-64-v3",
                "\"\" | unknown CPU template ''; known are host, x86-64-v2, x86-64-v3",
                "host,+x2apci | unknown CPU feature 'x2apci'; did you mean x2apic",
                "host,-zzzzzzzzzzzzz | unknown CPU feature 'zzzzzzzzzzzzz'; the names are those of the flags in"
                        + " /proc/cpuinfo",
                "host,avx | 'avx' in --cpu: write +avx to show a feature, -avx to hide it; a template comes first",
                "host,, | '' in --cpu: write",
                "host,+ | unknown CPU feature ''",
                "host,+avx,-AVX | --cpu both shows and hides 'avx'",
            })
    void aWrongChoiceIsExplained(String text, String message) {
        CpuConfigException e = assertThrows(CpuConfigException.class, () -> CpuConfig.parse(text));
        assertTrue(String.valueOf(e.getMessage()).startsWith(message), e.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "host,+avx512f | --cpu +avx512f: this host's engine does not offer it",
                "x86-64-v2,+avx2 | --cpu +avx2 needs avx, which is hidden: add +avx",
            })
    void whatTheHostCannotServeIsRefused(String text, String message) {
        CpuConfig config = CpuConfig.parse(text);
        CpuConfigException e = assertThrows(CpuConfigException.class, () -> config.hiddenOn(Hosts.amdHost()));
        assertEquals(message, e.getMessage());
    }

    @Test
    void aLevelNeedsItsFeatures() {
        List<CpuidEntry> poor = Hosts.amd();
        poor.replaceAll(entry -> entry.function() == 7 ? entry.withEbx(0) : entry);
        HostCpu host = new HostCpu(poor, true, 0);
        CpuConfigException e = assertThrows(
                CpuConfigException.class, () -> CpuConfig.parse("x86-64-v3").hiddenOn(host));
        assertEquals(
                "CPU template x86-64-v3 needs avx2, bmi1, bmi2, which this host's engine does not offer",
                e.getMessage());
        assertFalse(CpuConfig.parse("x86-64-v2").hiddenOn(host).isEmpty());
    }

    @Test
    void aShownFeatureStaysShownAlthoughTheTemplateHidesIt() {
        Set<String> hidden = CpuConfig.parse("x86-64-v2,+xsave,+avx").hiddenOn(Hosts.amdHost());
        assertFalse(hidden.contains("xsave"));
        assertFalse(hidden.contains("avx"));
        assertTrue(hidden.contains("avx2"));
        assertTrue(hidden.contains("bmi1"));
    }
}
