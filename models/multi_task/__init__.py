"""One network for several tasks: shared towers, a head each, weighed by their uncertainty."""

from models.multi_task.config import MultiTaskConfig, Task
from models.multi_task.model import MultiTaskModel, MultiTaskReport
from models.multi_task.rows import Rows

__all__ = ["MultiTaskConfig", "MultiTaskModel", "MultiTaskReport", "Rows", "Task"]
