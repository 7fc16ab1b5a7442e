package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.Obstacle;
import io.javisor.machine.config.Accel;
import io.javisor.machine.host.EngineChoice;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a run says of a slow engine: a line of a terminal's width or so, whatever the host has to say. */
class SlownessTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        AUTO | cannot open /dev/kvm: ENOENT (No such file or directory) | ; KVM is not loaded | by the software engine, slowly: cannot open /dev/kvm: ENOENT (No such file or directory); see javisor doctor
        AUTO | /dev/kvm makes VMs, but by software | , for /proc/cpuinfo shows neither vmx nor svm | by the software engine, slowly: /dev/kvm makes VMs, but by software; see javisor doctor
        KVM | /dev/kvm makes VMs, but by software | , for /proc/cpuinfo shows neither vmx nor svm | by software, maybe some hundred times slower than --accel auto: /dev/kvm makes VMs, but by software
        AUTO | /dev/kvm; odd, for one, makes no VMs | ; mend it | by the software engine, slowly: /dev/kvm; odd, for one, makes no VMs; see javisor doctor
        """)
    void aShortLine(Accel asked, String what, String more, String line) {
        EngineChoice choice = new EngineChoice("software", List.of(new Obstacle(what, more)));
        assertEquals(line, ConsoleSession.slowness(choice, asked));
        assertTrue("javisor: ".length() + line.length() < 120, line);
    }
}
