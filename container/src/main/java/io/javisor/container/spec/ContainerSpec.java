package io.javisor.container.spec;

import io.javisor.oci.Digest;
import io.javisor.oci.model.Healthcheck;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a container is to be: all that its user and its image say, put together when it is created. Immutable, without anything opened.
 *
 * @param image as the user named it
 * @param imageId of the store's image that has its root file system
 * @param process what runs in it
 * @param root its file system
 * @param names what it is told of itself and others
 * @param limits what it may use
 * @param network how it is connected
 * @param stop how it is asked to end
 * @param health how its health is found out; empty for not at all
 * @param labels in their order
 * @param machine the machine around it
 */
public record ContainerSpec(
        String image,
        Digest imageId,
        ProcessSpec process,
        RootSpec root,
        NamesSpec names,
        LimitsSpec limits,
        NetworkSpec network,
        StopSpec stop,
        Optional<Healthcheck> health,
        Map<String, String> labels,
        MachineSpec machine) {
    public ContainerSpec {
        labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
    }
}
