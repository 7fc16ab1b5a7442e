package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerGuestTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void theKeyOfTheAgentIsThatOfTheScript() throws Exception {
        Path recipe = Checkout.DIRECTORY.resolve("guest");
        Program.Result said = Program.run(recipe.resolve("make-agent").toString(), "--path");
        assertEquals(
                ContainerGuest.agentKey(recipe),
                Path.of(said.out().strip()).getFileName().toString());
    }

    @Test
    void theAgentComesBehindTheModules() throws Exception {
        Path home = Checkout.DIRECTORY;
        Map<String, String> environment = Map.of("XDG_CACHE_HOME", directory.toString());
        DefaultGuest guest = DefaultGuest.locate(home, environment);
        Files.createDirectories(guest.kernel().getParent());
        Files.writeString(guest.kernel(), "kernel");
        Files.writeString(guest.initrd(), "initrd");
        Files.writeString(guest.containerModules(), "modules");
        Path agent = directory.resolve("javisor/agent").resolve(ContainerGuest.agentKey(home.resolve("guest")));
        Files.createDirectories(agent);
        Files.writeString(agent.resolve("agent.cpio"), "agent");
        ContainerGuest made = ContainerGuest.ensure(home, environment, null);
        assertEquals(guest.kernel(), made.kernel());
        assertEquals("modulesagent", Files.readString(made.initrd()));
        assertTrue(made.initrd().startsWith(directory.resolve("javisor/container")));
        assertEquals(made, ContainerGuest.ensure(home, environment, null));
        ContainerGuest own = ContainerGuest.ensure(home, environment, Path.of("/own/kernel"));
        assertEquals(Path.of("/own/kernel"), own.kernel());
        assertEquals("agent", Files.readString(own.initrd()), "its drivers are its own affair");
    }
}
