package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
    void itsObstacleIsTheHosts() {
        assertEquals(KvmHost.look().obstacle(), new KvmEngineProvider().obstacle());
    }
}
