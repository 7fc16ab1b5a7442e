package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.cpu.HostCpu;
import io.javisor.core.engine.EngineProvider;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class KvmEngineProviderTest {
    @Test
    void itIsFoundAsAService() {
        List<String> names = ServiceLoader.load(EngineProvider.class).stream()
                .map(provider -> provider.get().name())
                .toList();
        assertEquals(List.of("kvm"), names);
    }

    @Test
    void itsCaveatIsTheProcessors() {
        boolean helps =
                HostCpu.flags(KvmHost.CPUINFO).stream().anyMatch(flag -> flag.equals("vmx") || flag.equals("svm"));
        assertEquals(helps, new KvmEngineProvider().caveat().isEmpty());
    }

    @Test
    void itsObstacleIsTheHosts() {
        assertEquals(KvmHost.look().obstacle(), new KvmEngineProvider().obstacle());
    }
}
