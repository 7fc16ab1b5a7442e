package io.javisor.api.http;

import io.javisor.api.Fault;
import io.javisor.api.Request;
import io.javisor.api.Response;
import io.javisor.api.Routes;
import io.javisor.api.json.Json;
import io.javisor.core.log.LogLimit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes an answer of whatever becomes of a request: no exception gets past it, and no stack trace into an answer. */
final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
    private static final int UNAVAILABLE = 503;

    private final Routes routes;
    private final LogLimit limit = new LogLimit();

    Answers(Routes routes) {
        this.routes = routes;
    }

    Response to(Request request) {
        try {
            return routes.handle(request);
        } catch (Fault fault) {
            LOG.debug("{} {}: {}", request.method(), request.path(), fault.getMessage());
            return Json.fault(fault.status(), String.valueOf(fault.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Json.fault(UNAVAILABLE, "the machine's process ends");
        } catch (RuntimeException e) {
            limit.warn(LOG, "a {} request of the control socket failed", request.method(), e);
            return internalError(e);
        } catch (StackOverflowError e) {
            limit.warn(LOG, "a {} request of the control socket goes too deep", request.method());
            return internalError(e);
        }
    }

    private static Response internalError(Throwable cause) {
        return Json.fault(
                Response.INTERNAL_ERROR,
                "internal error, please report it: " + cause.getClass().getSimpleName() + "; the log says more");
    }
}
